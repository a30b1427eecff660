internal import CLibgit2
internal import Glibc
internal import SystemPackage

/// Makes the tree that `git add -A` and `git write-tree` would make of a work tree, in a store and with its index.
struct WorkingTreeSnapshot {
    private let workDirectory: FilePath
    private let userIndex: FilePath
    /// Where this work tree's index and what belongs to it is kept from one snapshot to the next.
    private let memory: FilePath
    private let handle: RepositoryHandle
    private let cleaner: CleanFilter

    init(of location: RepositoryLocation, into store: StoreRepository) throws(GitError) {
        guard let work = location.workDirectory else {
            throw GitError(.unsupported, "snapshot \(location.gitDirectory)", "a bare repository has no work tree")
        }
        workDirectory = work
        userIndex = location.gitDirectory.appending("index")
        handle = try RepositoryHandle(opening: work)
        // All of the user's settings count, but whatever is written goes to the store.
        let own = store.path.appending("objects")
        let borrowed = location.objectDirectories + Alternates.closure(of: own)
        try ObjectDatabase.attach(own: own, borrowed: borrowed, to: handle)
        memory = try Self.memory(for: location, in: store)
        cleaner = CleanFilter(handle: handle, workDirectory: work, store: store.path)
    }

    func run() throws(GitError) -> ObjectID {
        let first = try attempt(usingMemory: true)
        // What is remembered of a file was made by the attributes of that time.
        if let first { return first }
        guard let second = try attempt(usingMemory: false) else {
            throw GitError(.other, "snapshot \(workDirectory)", "its attributes cannot be read twice")
        }
        return second
    }

    /// `nil` when the attributes are others than those of the memory that was used.
    private func attempt(usingMemory: Bool) throws(GitError) -> ObjectID? {
        let index = try SnapshotIndex(copying: userIndex, of: workDirectory, into: memory)
        try Libgit2.check(git_repository_set_index(handle.pointer, index.pointer), "use an index")
        // core.fileMode and the like, which an index learns from its repository only when told.
        try Libgit2.check(
            git_index_set_caps(index.pointer, GIT_INDEX_CAPABILITY_FROM_OWNER.rawValue),
            "read the file settings"
        )
        let hasMemory = usingMemory && FileStatus(savedIndex) != nil
        if hasMemory { try index.adopt(savedIndex, in: workDirectory, unless: isIgnored) }
        for path in try changedPaths(index) { try update(path, in: index) }
        try updateSubmodules(in: index)
        let attributes = try AttributeFingerprint(index, handle).text
        // Memory without a readable note of its attributes is not trusted.
        if hasMemory, (try? FileBytes.read(savedAttributes)) != attributes { return nil }
        var tree = git_oid()
        try Libgit2.check(git_index_write_tree_to(&tree, index.pointer, handle.pointer), "write a tree")
        try FileBytes.replace(savedAttributes, with: attributes)
        try index.save(to: savedIndex)
        return ObjectID(tree)
    }

    private var savedIndex: FilePath { memory.appending("index") }
    private var savedAttributes: FilePath { memory.appending("attributes") }

    private static func memory(for location: RepositoryLocation, in store: StoreRepository) throws(GitError) -> FilePath
    {
        var oid = git_oid()
        let name = location.gitDirectory.bytes
        try Libgit2.check(git_odb_hash(&oid, name, name.count, GIT_OBJECT_BLOB), "name a snapshot")
        var directory = store.path
        for component in ["snapshots", ObjectID(oid).description] {
            directory.append(component)
            guard directory.withPlatformString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST else {
                throw Libgit2.systemError("make directory \(directory)")
            }
        }
        return directory
    }

    private func isIgnored(_ path: TreePath) throws(GitError) -> Bool {
        var ignored: Int32 = 0
        let code = path.withCString { git_ignore_path_is_ignored(&ignored, handle.pointer, $0) }
        try Libgit2.check(code, "ask whether `\(path)` is ignored")
        return ignored != 0
    }

    /// What differs from the index, untracked files included; metadata of the others is brought up to date on the way.
    private func changedPaths(_ index: SnapshotIndex) throws(GitError) -> [TreePath] {
        var options = git_diff_options()
        try Libgit2.check(git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)), "compare")
        options.flags =
            GIT_DIFF_INCLUDE_UNTRACKED.rawValue | GIT_DIFF_RECURSE_UNTRACKED_DIRS.rawValue
            | GIT_DIFF_INCLUDE_TYPECHANGE.rawValue | GIT_DIFF_UPDATE_INDEX.rawValue
            | GIT_DIFF_SKIP_BINARY_CHECK.rawValue
        // Looked at below: libgit2 would compare their work trees too.
        options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL
        let diff = try Libgit2.obtain("compare \(workDirectory) with its index") {
            git_diff_index_to_workdir(&$0, handle.pointer, index.pointer, &options)
        }
        defer { git_diff_free(diff) }
        return (0..<git_diff_num_deltas(diff)).compactMap { position in
            guard let delta = git_diff_get_delta(diff, position)?.pointee else { return nil }
            return (delta.new_file.path ?? delta.old_file.path).map { path in
                let bytes = Array(cString: path)
                // A repository inside the work tree is reported as a directory.
                return TreePath(bytes: bytes.last == UInt8(ascii: "/") ? bytes.dropLast() : bytes)
            }
        }
    }

    private func update(_ path: TreePath, in index: SnapshotIndex) throws(GitError) {
        guard let status = FileStatus(workDirectory.appending(path)) else { return try remove(path, from: index) }
        if status.isDirectory {
            if let commit = try submoduleHead(path) {
                try index.add(path, commit, mode: .submodule, status)
            } else if index.entry(at: path)?.isLink == false {
                // A file was here, and a directory is; what is in that is reported by itself, unless it is ignored.
                try index.remove(path)
            }
        } else if status.isRegular, let cleaned = try cleaner.clean(path) {
            try index.add(path, cleaned, mode: mode(of: path, status, in: index), status)
        } else if status.isRegular || status.isSymlink {
            let code = path.withCString { git_index_add_bypath(index.pointer, $0) }
            try Libgit2.check(code, "add `\(path)`")
        }
    }

    private func remove(_ path: TreePath, from index: SnapshotIndex) throws(GitError) {
        if index.entry(at: path)?.isOutsideSparseCheckout == true { return }
        try index.remove(path)
    }

    private func mode(of path: TreePath, _ status: FileStatus, in index: SnapshotIndex) -> FileMode {
        guard handle.configurationFlag("core.filemode", default: true) else {
            return index.entry(at: path)?.mode == FileMode.executable.rawValue ? .executable : .regular
        }
        return status.raw.st_mode & S_IXUSR != 0 ? .executable : .regular
    }

    private func updateSubmodules(in index: SnapshotIndex) throws(GitError) {
        var links: [(TreePath, ObjectID)] = []
        try index.forEach { entry in
            if entry.isLink { links.append((TreePath(cString: entry.path), ObjectID(entry.id))) }
        }
        for (path, commit) in links {
            guard let status = FileStatus(workDirectory.appending(path)) else {
                try index.remove(path)
                continue
            }
            if !status.isDirectory {
                try update(path, in: index)
            } else if let head = try submoduleHead(path), head != commit {
                try index.add(path, head, mode: .submodule, status)
            }
        }
    }

    /// The commit that is checked out in a submodule; `nil` when it is not initialised or has no commit.
    private func submoduleHead(_ path: TreePath) throws(GitError) -> ObjectID? {
        guard let directory = SubmoduleSearch.checkout(of: path, in: workDirectory) else { return nil }
        return try RepositoryHandle(opening: directory).head().commit
    }
}
