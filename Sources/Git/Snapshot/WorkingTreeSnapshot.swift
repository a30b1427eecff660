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
        let start = time(nil)
        let index = try SnapshotIndex(copying: userIndex, of: workDirectory, into: memory)
        try Libgit2.check(git_repository_set_index(handle.pointer, index.pointer), "use an index")
        // core.fileMode and the like, which an index learns from its repository only when told.
        try Libgit2.check(
            git_index_set_caps(index.pointer, GIT_INDEX_CAPABILITY_FROM_OWNER.rawValue),
            "read the file settings"
        )
        let known = usingMemory ? try SnapshotMemory(savedIndex) : nil
        let untracked = try WorkTreeWalk.untracked(in: workDirectory, index, IgnoreRules(of: handle))
        var tracked = TrackedFiles(in: workDirectory, index)
        let paths = try tracked.changed() + untracked
        for path in paths {
            try update(path, tracked.status(of: path), in: index, known)
        }
        try updateSubmodules(in: index)
        let attributes = try AttributeFingerprint(index, handle).text
        // Memory without a readable note of its attributes is not trusted.
        if known != nil, (try? FileBytes.read(savedAttributes)) != attributes { return nil }
        var tree = git_oid()
        try Libgit2.check(git_index_write_tree_to(&tree, index.pointer, handle.pointer), "write a tree")
        try FileBytes.replace(savedAttributes, with: attributes)
        try SnapshotMemory.write(paths, of: index, since: start, to: savedIndex)
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

    private func update(
        _ path: TreePath,
        _ status: FileStatus?,
        in index: SnapshotIndex,
        _ known: SnapshotMemory?
    ) throws(GitError) {
        guard let status, !status.isDirectory else { return try updateDirectory(path, status, in: index) }
        if let entry = known?.entry(at: path, status) {
            try index.add(path, entry.id, mode: entry.mode, status)
        } else if status.isSymlink {
            try add(path, to: index)
        } else if status.isRegular {
            if let cleaned = try cleaner.clean(path, status, in: index) {
                try index.add(path, cleaned, mode: mode(of: path, status, in: index), status)
            } else if let entry = index.entry(at: path), try hash(path) == ObjectID(entry.id) {
                try index.add(path, ObjectID(entry.id), mode: mode(of: path, status, in: index), status)
            } else {
                try add(path, to: index)
            }
        } else {
            try index.remove(path)
        }
    }

    private func updateDirectory(
        _ path: TreePath,
        _ status: FileStatus?,
        in index: SnapshotIndex
    ) throws(GitError) {
        if let status, let commit = try submoduleHead(path) {
            try index.add(path, commit, mode: .submodule, status)
        } else if index.contains(path) {
            // It is gone, or a directory has taken its place, the files of which are found by themselves.
            try index.remove(path)
        }
    }

    private func add(_ path: TreePath, to index: SnapshotIndex) throws(GitError) {
        let code = path.withCString { git_index_add_bypath(index.pointer, $0) }
        try Libgit2.check(code, "add `\(path)`")
    }

    /// What the file's blob would be called. Most files with a new time have their old content.
    private func hash(_ path: TreePath) throws(GitError) -> ObjectID {
        var oid = git_oid()
        let code = path.withCString { git_repository_hashfile(&oid, handle.pointer, $0, GIT_OBJECT_BLOB, nil) }
        try Libgit2.check(code, "read `\(path)`")
        return ObjectID(oid)
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
                try update(path, status, in: index, nil)
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
