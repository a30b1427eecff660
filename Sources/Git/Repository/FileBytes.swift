internal import Glibc
internal import SystemPackage

/// Whole small files, in and out.
enum FileBytes {
    static func read(_ path: FilePath) throws(GitError) -> [UInt8] {
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw Libgit2.systemError("read \(path)") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        while true {
            let count = try append(descriptor, to: &content, path)
            if count == 0 { return content }
        }
    }

    /// Replaces the file as a whole: who reads it sees the old content or the new.
    static func replace(_ path: FilePath, with bytes: [UInt8]) throws(GitError) {
        let fresh = path.removingLastComponent().appending(".new-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        let descriptor = fresh.withPlatformString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
        guard descriptor >= 0 else { throw Libgit2.systemError("write \(fresh)") }
        let written = bytes.withUnsafeBytes { write(all: $0, to: descriptor) }
        let number = errno
        close(descriptor)
        let moved = written && fresh.withPlatformString { old in path.withPlatformString { rename(old, $0) } } == 0
        guard moved else {
            let cause = written ? errno : number
            _ = fresh.withPlatformString { unlink($0) }
            throw Libgit2.systemError("write \(path)", cause)
        }
    }

    /// Writes everything; on `false` the cause is in `errno`.
    static func write(all bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func append(_ descriptor: Int32, to content: inout [UInt8], _ path: FilePath) throws(GitError) -> Int
    {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count >= 0 {
                content += chunk[..<count]
                return count
            }
            guard errno == EINTR else { throw Libgit2.systemError("read \(path)") }
        }
    }
}
