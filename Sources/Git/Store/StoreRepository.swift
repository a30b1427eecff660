internal import CLibgit2
package import SystemPackage

/// A bare repository of our own that borrows the objects of others: it reads all of theirs, and every write goes here.
package struct StoreRepository: Sendable {
    package let path: FilePath
    /// Reads its own and all borrowed objects.
    package let repository: Repository

    /// Opens the store at a path, or creates it there, and lets it borrow from the repositories.
    /// What it borrowed from before stays in its `objects/info/alternates`.
    package init(at path: FilePath, borrowing locations: [RepositoryLocation] = []) throws(GitError) {
        self.path = path
        if FileStatus(path.appending("HEAD")) == nil { try Self.create(at: path) }
        try Self.list(locations.flatMap(\.objectDirectories), asBorrowedBy: path)
        repository = try Repository(Self.open(path))
    }

    /// Lets the store read the objects of one more repository.
    package func borrow(from location: RepositoryLocation) async throws(GitError) {
        try await repository.perform { (handle) throws(GitError) in try borrow(from: location, into: handle) }
    }

    func borrow(from location: RepositoryLocation, into handle: RepositoryHandle) throws(GitError) {
        try Self.list(location.objectDirectories, asBorrowedBy: path)
        try ObjectDatabase.borrow(location.objectDirectories, for: handle)
    }

    /// Replaces each submodule of a tree by the tree of its commit, all the way down, with the objects that the
    /// repository of the tree has of them. A tree without submodules is returned as it is, at almost no cost.
    package func flatten(_ tree: ObjectID, of location: RepositoryLocation) async throws(GitError) -> ObjectID {
        try await repository.perform { (handle) throws(GitError) in
            try SubmoduleFlattening(store: self, handle: handle).flatten(tree, of: location)
        }
    }

    /// Writes the work tree as it stands as a tree: tracked and untracked files, without those that are ignored.
    /// Equal to what `git add -A` and `git write-tree` make; neither the repository nor its index is touched.
    /// - Parameter flattening: whether submodules are replaced by snapshots of their own work trees.
    package func snapshotWorkingTree(
        of location: RepositoryLocation,
        flattening: Bool = true
    ) async throws(GitError) -> ObjectID {
        try await repository.perform { (handle) throws(GitError) in
            if flattening { return try SnapshotWithSubmodules(store: self, handle: handle).run(of: location) }
            try borrow(from: location, into: handle)
            return try WorkingTreeSnapshot(of: location, into: self).run()
        }
    }

    /// Opens the store with its own and all borrowed objects, for one more thread.
    static func open(_ path: FilePath) throws(GitError) -> RepositoryHandle {
        let handle = try RepositoryHandle(opening: path)
        let own = path.appending("objects")
        try ObjectDatabase.attach(own: own, borrowed: Alternates.closure(of: own), to: handle)
        return handle
    }

    /// The directories of LFS objects: its own and those beside the object directories that it borrows from.
    static func largeFileDirectories(_ path: FilePath) -> [FilePath] {
        Alternates.closure(of: path.appending("objects")).map { $0.removingLastComponent().appending("lfs/objects") }
    }

    /// Filters must say the same for everyone, so the user's own settings for line ends count for nothing here.
    private static let settings: KeyValuePairs = [
        "core.autocrlf": "false", "core.eol": "lf", "core.safecrlf": "false", "core.attributesfile": "/dev/null",
        "gc.auto": "0",
    ]

    private static func create(at path: FilePath) throws(GitError) {
        let handle = try RepositoryHandle.createBare(at: path)
        let config = try Libgit2.obtain("configure \(path)") { out in
            path.appending("config").withPlatformString { git_config_open_ondisk(&out, $0) }
        }
        defer { git_config_free(config) }
        for (key, value) in settings {
            try Libgit2.check(git_config_set_string(config, key, value), "configure \(path)")
        }
        withExtendedLifetime(handle) {}
    }

    /// Adds what is missing to the list of borrowed directories.
    private static func list(_ directories: [FilePath], asBorrowedBy path: FilePath) throws(GitError) {
        let own = path.appending("objects")
        let known = Alternates.read(own)
        let added = directories.filter { $0 != own && !known.contains($0) }
        guard !added.isEmpty else { return }
        // The file has one path per line; git knows a way to quote, libgit2 does not.
        if let odd = added.first(where: { $0.bytes.contains(UInt8(ascii: "\n")) }) {
            throw GitError(.unsupported, "borrow \(odd)", "a repository's path may not hold a line break")
        }
        let text = (known + added).flatMap { $0.bytes + [UInt8(ascii: "\n")] }
        try FileBytes.replace(Alternates.file(of: own), with: text)
    }
}
