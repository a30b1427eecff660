internal import CLibgit2
internal import SystemPackage

/// Finds the entries of an index that say something else than the work tree.
struct TrackedFiles {
    private let workDirectory: FilePath
    private let index: SnapshotIndex
    /// Whether a path is a directory, and not a symlink to one that holds other files.
    private var directories: [TreePath: Bool] = [.root: true]

    init(in workDirectory: FilePath, _ index: SnapshotIndex) {
        self.workDirectory = workDirectory
        self.index = index
    }

    /// Files that changed or are gone, and all that are in conflict; submodules are left to others.
    mutating func changed() throws(GitError) -> [TreePath] {
        var found: [TreePath] = []
        try index.forEach { (entry) throws(GitError) in
            if entry.isLink || entry.isAssumedUnchanged { return }
            let path = TreePath(cString: entry.path)
            if entry.isInConflict {
                if found.last != path { found.append(path) }
                return
            }
            let status = status(of: path)
            if status?.matches(entry) == true || status == nil && entry.isOutsideSparseCheckout { return }
            found.append(path)
        }
        return found
    }

    /// `nil` when the file is gone, or lies behind a symlink, where git sees it no more.
    mutating func status(of path: TreePath) -> FileStatus? {
        isDirectory(path.parent) ? FileStatus(workDirectory.appending(path)) : nil
    }

    private mutating func isDirectory(_ path: TreePath) -> Bool {
        if let known = directories[path] { return known }
        let answer = isDirectory(path.parent) && FileStatus(workDirectory.appending(path))?.isDirectory == true
        directories[path] = answer
        return answer
    }
}
