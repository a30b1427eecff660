internal import SystemPackage

/// Replaces the submodules of a tree by the trees of their commits.
struct SubmoduleFlattening {
    let store: StoreRepository
    let handle: RepositoryHandle
    /// How many submodules may lie in one another before we take it for a loop.
    private static let deepest = 32

    /// Returns the tree itself when it declares no submodules.
    func flatten(
        _ tree: ObjectID,
        of location: RepositoryLocation,
        at prefix: TreePath = .root,
        depth: Int = 0
    ) throws(GitError) -> ObjectID {
        guard depth < Self.deepest else {
            throw GitError(.refused, "lay out submodule `\(prefix)`", "more than \(Self.deepest) inside one another")
        }
        var subtrees: [TreePath: ObjectID] = [:]
        for (submodule, commit) in try handle.submodules(of: tree, scratch: store.path) {
            let path = prefix.appending(submodule.path)
            let inner = try find(submodule, commit, in: location, at: path)
            let innerTree = try handle.commit(commit).tree
            subtrees[submodule.path] = try flatten(innerTree, of: inner, at: path, depth: depth + 1)
        }
        return try handle.replacing(subtrees, in: tree)
    }

    /// Finds the repository of a submodule that has the commit, and borrows its objects.
    private func find(
        _ submodule: SubmoduleDeclaration,
        _ commit: ObjectID,
        in location: RepositoryLocation,
        at path: TreePath
    ) throws(GitError) -> RepositoryLocation {
        for candidate in SubmoduleSearch.candidates(submodule, in: location) {
            // One that does not open is as good as none; the error below names the submodule.
            guard let inner = try? candidate.open() else { continue }
            try store.borrow(from: inner, into: handle)
            do throws(GitError) {
                _ = try handle.commit(commit)
                return inner
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
        throw SubmoduleSearch.missing(path, commit)
    }
}

/// Where a submodule's repository may lie.
enum SubmoduleSearch {
    case checkout(FilePath)
    /// Its git directory in the one of the repository around it, the work tree of which may be gone.
    case module(FilePath)

    static func candidates(_ submodule: SubmoduleDeclaration, in location: RepositoryLocation) -> [SubmoduleSearch] {
        var found: [SubmoduleSearch] = []
        if let work = location.workDirectory, let path = checkout(of: submodule.path, in: work) {
            found.append(.checkout(path))
        }
        for directory in [location.gitDirectory, location.commonDirectory] {
            found.append(.module(directory.appending("modules").pushing(FilePath(submodule.name))))
        }
        return found
    }

    func open() throws(GitError) -> RepositoryLocation {
        switch self {
        case .checkout(let path): try RepositoryLocation(opening: path)
        case .module(let path): try RepositoryLocation(RepositoryHandle(opening: path, withoutWorkTree: true))
        }
    }

    /// The submodule's work directory, if it is checked out.
    static func checkout(of path: TreePath, in workDirectory: FilePath) -> FilePath? {
        let directory = workDirectory.appending(path)
        return FileStatus(directory.appending(".git")) == nil ? nil : directory
    }

    static func missing(_ path: TreePath, _ commit: ObjectID) -> GitError {
        GitError(
            .submoduleMissing,
            "lay out submodule `\(path)`",
            "its commit \(commit.short) is not on this machine",
            hint: "git submodule update --init --recursive"
        )
    }
}
