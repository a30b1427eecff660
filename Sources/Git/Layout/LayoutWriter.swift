internal import CLibgit2
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Writes a plan into a new directory.
///
/// All directories are made first, before any symlink, and every name is made exclusively. So a tree that holds a
/// symlink and a directory of one name fails, and nothing is ever written through a link.
struct LayoutWriter: Sendable {
    /// Few enough to share the work evenly, enough to make the counter cheap.
    private static let chunkSize = 128

    private let root: FilePath
    private let directories: [LayoutDirectory]
    private let chunks: [Chunk]
    private let whiteouts: [TreePath]
    private let time: ModificationTime?
    private let converter: FileConverter?

    init(_ plan: LayoutPlan, into root: FilePath, time: ModificationTime?, converter: FileConverter?) {
        self.root = root
        self.time = time
        self.converter = converter
        directories = plan.directories
        whiteouts = plan.whiteouts
        chunks = plan.directories.indices.flatMap { index in
            let count = plan.directories[index].items.count
            return stride(from: 0, to: count, by: Self.chunkSize).map { start in
                Chunk(directory: index, items: start..<min(start + Self.chunkSize, count))
            }
        }
    }

    /// Whether one thread does it soonest.
    var isSmall: Bool { chunks.reduce(0) { $0 + $1.items.count } <= 2 * Self.chunkSize }

    /// Makes the directories and the whiteouts.
    func prepare() throws(GitError) {
        for directory in directories {
            let path = root.appending(directory.path)
            guard path.withPlatformString({ mkdir($0, 0o755) }) == 0 else {
                // The root alone may be there, if it is empty.
                if directory.path.isRoot, errno == EEXIST { continue }
                throw Libgit2.systemError("make directory \(path)")
            }
        }
        for path in whiteouts {
            // A character device 0:0 is what overlayfs takes for «not there»; making one needs no privilege.
            guard root.appending(path).withPlatformString({ mknod($0, S_IFCHR, 0) }) == 0 else {
                throw Libgit2.systemError("make the whiteout of `\(path)`")
            }
        }
    }

    /// Gives the directories their time. Last, because what is made in one changes its time.
    func finish() throws(GitError) {
        guard let time else { return }
        for directory in directories {
            let path = root.appending(directory.path)
            guard path.withPlatformString({ time.apply(at: AT_FDCWD, $0) }) else {
                throw Libgit2.systemError("set the time of \(path)")
            }
        }
    }

    /// Writes chunks until none is left or one failed. Many threads may do so, each with its own repository.
    func work(_ state: borrowing LayoutState, with handle: RepositoryHandle) {
        do throws(GitError) {
            try handle.withReader { (reader) throws(GitError) in
                while let index = state.next(below: chunks.count) {
                    try write(chunks[index], reader, handle, state)
                }
            }
        } catch {
            state.fail(error)
        }
    }

    private func write(
        _ chunk: Chunk,
        _ reader: TreeReader,
        _ handle: RepositoryHandle,
        _ state: borrowing LayoutState
    ) throws(GitError) {
        let directory = directories[chunk.directory]
        let path = root.appending(directory.path)
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard descriptor >= 0 else { throw Libgit2.systemError("open directory \(path)") }
        defer { close(descriptor) }
        var bytes = 0
        for item in directory.items[chunk.items] {
            let target = LayoutTarget(directory: descriptor, path: directory.path.appending(item.name), item: item)
            bytes += try write(target, reader, handle)
        }
        state.add(files: chunk.items.count, bytes: bytes)
    }

    private func write(
        _ target: LayoutTarget,
        _ reader: TreeReader,
        _ handle: RepositoryHandle
    ) throws(GitError) -> Int {
        switch target.item.mode {
        case .directory, .submodule:
            // As git does with a submodule that is not checked out.
            try target.makeDirectory()
            return 0
        case .symlink:
            return try reader.withObject(target.item.id, kind: GIT_OBJECT_BLOB) { (bytes) throws(GitError) in
                try target.makeLink(to: bytes, time)
            }
        case .regular, .executable:
            if let content = try converter?.convert(target.path, target.item.id, with: handle) {
                return try target.makeFile(content, time)
            }
            if try reader.size(of: target.item.id) >= TreeReader.largeSize {
                return try target.makeFile(from: reader, time)
            }
            return try reader.withObject(target.item.id, kind: GIT_OBJECT_BLOB) { (bytes) throws(GitError) in
                try target.makeFile(bytes, time)
            }
        }
    }

    private struct Chunk {
        let directory: Int
        let items: Range<Int>
    }
}

/// What the threads of one layout share.
struct LayoutState: ~Copyable {
    private let position = Atomic<Int>(0)
    private let files = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let failure = Mutex<GitError?>(nil)

    func next(below count: Int) -> Int? {
        guard failure.withLock({ $0 == nil }) else { return nil }
        let index = position.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }

    func add(files count: Int, bytes size: Int) {
        files.wrappingAdd(count, ordering: .relaxed)
        bytes.wrappingAdd(size, ordering: .relaxed)
    }

    /// The first failure counts.
    func fail(_ error: GitError) { failure.withLock { $0 = $0 ?? error } }

    /// What was written, once all threads are done.
    func summary() throws(GitError) -> LayoutSummary {
        if let error = failure.withLock({ $0 }) { throw error }
        return LayoutSummary(files: files.load(ordering: .relaxed), bytes: bytes.load(ordering: .relaxed))
    }
}
