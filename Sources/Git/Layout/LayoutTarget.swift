internal import Glibc

/// One name in an open directory, and how it is made.
struct LayoutTarget {
    let directory: Int32
    let path: TreePath
    let item: TreeItem

    func makeDirectory() throws(GitError) {
        guard withName({ mkdirat(directory, $0, 0o755) }) == 0 else { throw failure }
    }

    func makeLink(to bytes: UnsafeRawBufferPointer, _ time: ModificationTime?) throws(GitError) -> Int {
        let goal = TreePath(bytes: Array(bytes))
        let made = withName { name in goal.withCString { symlinkat($0, directory, name) } }
        guard made == 0 else { throw failure }
        if let time {
            guard withName({ time.apply(at: directory, $0) }) else { throw failure }
        }
        return bytes.count
    }

    func makeFile(_ bytes: UnsafeRawBufferPointer, _ time: ModificationTime?) throws(GitError) -> Int {
        try withNewFile(time) { descriptor in FileBytes.write(all: bytes, to: descriptor) ? bytes.count : nil }
    }

    func makeFile(_ content: ConvertedContent, _ time: ModificationTime?) throws(GitError) -> Int {
        try withNewFile(time) { content.write(to: $0) }
    }

    /// Writes a blob in pieces.
    func makeFile(from reader: TreeReader, _ time: ModificationTime?) throws(GitError) -> Int {
        try withNewFile(time) { (descriptor) throws(GitError) in
            var total = 0
            try reader.forEachPiece(ofBlob: item.id) { (piece) throws(GitError) in
                guard FileBytes.write(all: piece, to: descriptor) else { throw failure }
                total += piece.count
            }
            return total
        }
    }

    /// The body answers how many bytes it wrote, or `nil` when the cause is in `errno`.
    private func withNewFile(_ time: ModificationTime?, _ body: (Int32) throws(GitError) -> Int?) throws(GitError)
        -> Int
    {
        let permissions: mode_t = item.mode == .executable ? 0o755 : 0o644
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = withName { openat(directory, $0, flags, permissions) }
        guard descriptor >= 0 else { throw failure }
        let count: Int?
        do throws(GitError) { count = try body(descriptor) } catch {
            close(descriptor)
            throw error
        }
        let number = errno
        let timed = time?.apply(to: descriptor) ?? true
        guard close(descriptor) == 0, timed, let count else {
            throw Libgit2.systemError("write `\(path)`", count == nil ? number : errno)
        }
        return count
    }

    private var failure: GitError { Libgit2.systemError("write `\(path)`") }

    private func withName<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        TreePath(bytes: Array(item.name)).withCString(body)
    }
}
