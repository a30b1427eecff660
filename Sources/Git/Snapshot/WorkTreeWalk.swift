internal import SystemPackage

/// Finds the files of a work tree that an index does not hold and no exclude file names.
struct WorkTreeWalk {
    private let workDirectory: FilePath
    private let index: SnapshotIndex
    private var found: [TreePath] = []

    /// Untracked files and symlinks; a repository inside of the work tree is one path.
    static func untracked(
        in workDirectory: FilePath,
        _ index: SnapshotIndex,
        _ rules: IgnoreRules
    ) throws(GitError) -> [TreePath] {
        var walk = WorkTreeWalk(workDirectory: workDirectory, index: index)
        try walk.visit(.root, rules)
        return walk.found
    }

    private init(workDirectory: FilePath, index: SnapshotIndex) {
        self.workDirectory = workDirectory
        self.index = index
    }

    private mutating func visit(_ directory: TreePath, _ outer: IgnoreRules) throws(GitError) {
        let names = try DirectoryListing.read(workDirectory.appending(directory))
        var rules = outer
        if names.contains(where: { $0.name.elementsEqual(".gitignore".utf8) && $0.kind == .file }) {
            let file = workDirectory.appending(directory).appending(".gitignore")
            rules = outer.entering(directory, try FileBytes.read(file))
        }
        for (name, kind) in names where !name.elementsEqual(".git".utf8) {
            let path = directory.appending(name)
            switch kind {
            case .file, .symlink:
                if !index.contains(path), !rules.ignores(path, isDirectory: false) { found.append(path) }
            case .directory:
                try visitDirectory(path, rules)
            case .other:
                continue
            }
        }
    }

    private mutating func visitDirectory(_ path: TreePath, _ rules: IgnoreRules) throws(GitError) {
        if index.entry(at: path)?.isLink == true || rules.ignores(path, isDirectory: true) { return }
        if !index.holdsFiles(below: path), isRepository(path) {
            found.append(path)
        } else {
            try visit(path, rules)
        }
    }

    private func isRepository(_ path: TreePath) -> Bool {
        guard let checkout = SubmoduleSearch.checkout(of: path, in: workDirectory) else { return false }
        do throws(GitError) {
            _ = try RepositoryHandle(opening: checkout)
            return true
        } catch {
            return error.code == .notOwned || error.code == .unsupported
        }
    }
}
