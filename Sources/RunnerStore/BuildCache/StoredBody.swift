import Glibc
import SystemPackage

/// Bytes out of a build cache, every one checked, in a file without a name. Gone with its owner.
package final class StoredBody: Sendable {
    package let bytes: Int64
    private let fd: Int32

    /// Takes the file away from its name.
    init(taking path: FilePath, bytes: Int64) throws {
        fd = try checked("open", path) { open(path.cString, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        self.bytes = bytes
        unlink(path.cString)
    }

    deinit { close(fd) }

    /// At most `count` bytes from `offset` on; empty at the end. Blocks while they are read.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] {
        var failure: SystemFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while true {
                let got = pread(fd, buffer.baseAddress, count, off_t(offset))
                if got >= 0 {
                    filled = got
                    return
                }
                if errno != EINTR {
                    failure = SystemFailure("read", "a stored body")
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
