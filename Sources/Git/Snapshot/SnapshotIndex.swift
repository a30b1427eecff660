internal import CLibgit2
internal import Glibc
internal import SystemPackage

/// An index of our own that begins as a copy of the user's, so that git's knowledge of unchanged files is used and the
/// user's file is never written.
final class SnapshotIndex {
    let pointer: OpaquePointer
    private let file: ScratchFile

    /// Copies the index of a work tree into a directory of ours; one that is not there is empty.
    init(copying source: FilePath, of workDirectory: FilePath, into directory: FilePath) throws(GitError) {
        let file = ScratchFile(in: directory)
        let status = FileStatus(source)
        if status != nil { try FileBytes.replace(file.path, with: FileBytes.read(source)) }
        pointer = try Self.openRewriting(file.path, of: workDirectory, in: directory)
        self.file = file
        if let status { try distrustEntries(since: status.modified) }
    }

    deinit { git_index_free(pointer) }

    static func open(_ path: FilePath) throws(GitError) -> OpaquePointer {
        try Libgit2.obtain("read the index \(path)") { out in path.withPlatformString { git_index_open(&out, $0) } }
    }

    /// libgit2 reads no index that is split, sparse or without a checksum: `git` itself rewrites our copy of one.
    private static func openRewriting(
        _ copy: FilePath,
        of workDirectory: FilePath,
        in directory: FilePath
    ) throws(GitError) -> OpaquePointer {
        let refusal: GitError
        do throws(GitError) { return try open(copy) } catch { refusal = error }
        let program = ExternalProgram(
            arguments: ["git", "-C", workDirectory.string] + rewriting,
            environment: ["GIT_INDEX_FILE": copy.string]
        )
        do throws(GitError) {
            _ = try program.run(input: "/dev/null", scratch: directory)
        } catch {
            throw GitError(.unsupported, refusal.operation, "\(refusal.message), and git says: \(error.message)")
        }
        return try open(copy)
    }

    private static let rewriting = [
        "-c", "core.splitIndex=false", "-c", "index.sparse=false", "-c", "index.skipHash=false",
        "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "update-index", "--no-split-index", "--force-write-index",
    ]

    /// All entries, those of a conflict several times.
    func forEach(_ body: (git_index_entry) throws(GitError) -> Void) throws(GitError) {
        for position in 0..<git_index_entrycount(pointer) {
            if let entry = git_index_get_byindex(pointer, position) { try body(entry.pointee) }
        }
    }

    /// The entry of a path that is in no conflict.
    func entry(at path: TreePath) -> git_index_entry? { entry(at: path, stage: 0) }

    /// The entry of a path or, from stage 1 on, of one side of its conflict.
    func entry(at path: TreePath, stage: Int32) -> git_index_entry? {
        path.withCString { git_index_get_bypath(pointer, $0, stage)?.pointee }
    }

    /// Whether there is any entry of the path, in conflict or not.
    func contains(_ path: TreePath) -> Bool {
        path.withCString { git_index_find(nil, pointer, $0) } == 0
    }

    /// Whether it has entries of files in a directory.
    func holdsFiles(below directory: TreePath) -> Bool {
        directory.appending([]).withCString { git_index_find_prefix(nil, pointer, $0) } == 0
    }

    func remove(_ path: TreePath) throws(GitError) {
        let code = path.withCString { git_index_remove_bypath(pointer, $0) }
        try Libgit2.check(code, "leave out `\(path)`")
    }

    /// Puts in a blob or a submodule's commit, with what `status` says of the file.
    func add(_ path: TreePath, _ id: ObjectID, mode: FileMode, _ status: FileStatus?) throws(GitError) {
        var entry = git_index_entry()
        status?.fill(&entry)
        entry.mode = mode.rawValue
        entry.id = id.oid
        if self.entry(at: path) == nil, contains(path) {
            // As with `git add`, what is in the work tree ends the conflict.
            let removed = path.withCString { git_index_conflict_remove(pointer, $0) }
            try Libgit2.check(removed, "resolve `\(path)`")
        }
        let code = path.withCString { text in
            entry.path = text
            return git_index_add(pointer, &entry)
        }
        try Libgit2.check(code, "add `\(path)`")
    }

    /// A file that changed at the very time when the index was written may have changed once more after that.
    /// git compares with the time of the index file, which a copy does not have, and, as most build it, in seconds.
    private func distrustEntries(since time: IndexTime) throws(GitError) {
        var doubtful: [git_index_entry] = []
        try forEach { entry in
            if !entry.isLink, IndexTime(entry.mtime).isSameSecondOrLater(than: time) { doubtful.append(entry) }
        }
        for var entry in doubtful {
            entry.mtime = git_index_time()
            let path = TreePath(cString: entry.path)
            let code = path.withCString { text in
                entry.path = text
                return git_index_add(pointer, &entry)
            }
            try Libgit2.check(code, "look again at `\(path)`")
        }
    }
}
