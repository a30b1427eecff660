import Glibc
import Synchronization
import SystemPackage

/// Bytes that somebody sends, in a file aside, hashed on the way. Gone with its owner.
package final class IncomingBody: Sendable {
    let path: FilePath
    private let state: Mutex<State>

    private struct State {
        var fd: Int32
        var hash = DigestStream()
        var bytes: Int64 = 0
    }

    init(at path: FilePath) throws {
        self.path = path
        let fd = try checked("create", path) { open(path.cString, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        state = Mutex(State(fd: fd))
    }

    deinit {
        close(state.withLock(\.fd))
        unlink(path.cString)
    }

    /// Adds what came. Blocks while it is written.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard FileSystem.writeAll(bytes, to: state.fd) else { throw SystemFailure("write", path) }
            state.hash.update(bytes)
            state.bytes += Int64(bytes.count)
        }
    }

    /// How much came so far.
    package var bytes: Int64 { state.withLock(\.bytes) }

    /// Of all that came so far.
    var digest: Digest { state.withLock { $0.hash.finish() } }
}
