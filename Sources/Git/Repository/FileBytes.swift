internal import Glibc
internal import SystemPackage

/// The content of files: small ones as a whole, in and out, and any in pieces.
enum FileBytes {
    private static let pieceSize = 1 << 16

    static func read(_ path: FilePath) throws(GitError) -> [UInt8] {
        var content: [UInt8] = []
        try forEachPiece(of: path) { content += $0 }
        return content
    }

    /// Calls with the content of a file of any size, from its beginning to its end.
    static func forEachPiece(
        of path: FilePath,
        _ visit: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) {
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw Libgit2.systemError("read \(path)") }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Libgit2.systemError("read \(path)") }
            if count == 0 { return }
            try visit(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
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
}
