internal import SystemPackage

/// Snapshots of a work tree and of the work trees of its submodules, as one tree.
struct SnapshotWithSubmodules {
    let store: StoreRepository
    let handle: RepositoryHandle

    func run(of location: RepositoryLocation, at prefix: TreePath = .root) throws(GitError) -> ObjectID {
        try store.borrow(from: location, into: handle)
        let tree = try WorkingTreeSnapshot(of: location, into: store).run()
        guard let workDirectory = location.workDirectory else { return tree }
        var subtrees: [TreePath: ObjectID] = [:]
        for (submodule, commit) in try handle.submodules(of: tree, scratch: store.path) {
            let path = prefix.appending(submodule.path)
            guard let checkout = SubmoduleSearch.checkout(of: submodule.path, in: workDirectory) else {
                throw SubmoduleSearch.missing(path, commit)
            }
            subtrees[submodule.path] = try run(of: RepositoryLocation(opening: checkout), at: path)
        }
        return try handle.replacing(subtrees, in: tree)
    }
}
