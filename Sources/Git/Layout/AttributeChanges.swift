/// Files whose blob is the same in two trees, and whose content in a work tree is not, since their attributes changed.
struct AttributeChanges {
    private let delta: TreeDelta
    private let store: StoreRepository
    private let handle: RepositoryHandle

    init(_ delta: TreeDelta, store: StoreRepository, with handle: RepositoryHandle) {
        self.delta = delta
        self.store = store
        self.handle = handle
    }

    /// The entries of the new tree that must be written again; nearly always none.
    func affected() throws(GitError) -> [TreeEntry] {
        let directories = try interestingDirectories()
        guard !directories.isEmpty else { return [] }
        // Attributes of two commits displace one another in the cache of one handle.
        let oldHandle = try StoreRepository.open(store.path)
        let oldCommit = try AttributeSource.commit(of: delta.from, with: handle)
        let newCommit = try AttributeSource.commit(of: delta.to, with: handle)
        let written = Set(delta.changed.map(\.path))
        var found: [TreePath: TreeEntry] = [:]
        for directory in directories {
            for entry in try files(below: directory) where entry.mode.isFile && !written.contains(entry.path) {
                let old = try FileAttributes(of: entry.path, in: oldCommit, with: oldHandle)
                let new = try FileAttributes(of: entry.path, in: newCommit, with: handle)
                if old != new, old.changesContent || new.changesContent { found[entry.path] = entry }
            }
        }
        return found.values.sorted { $0.path < $1.path }
    }

    private func interestingDirectories() throws(GitError) -> [TreePath] {
        var found: [TreePath] = []
        for directory in delta.attributeChanges {
            for tree in [delta.from, delta.to] {
                let path = directory.appending(AttributeSource.fileName)
                guard let file = try handle.entry(at: path, inTree: tree), file.mode.isFile else { continue }
                guard try AttributeSource.mayChangeContent(file.id, with: handle) else { continue }
                found.append(directory)
                break
            }
        }
        return found
    }

    private func files(below directory: TreePath) throws(GitError) -> [TreeEntry] {
        guard let root = try handle.entry(at: directory, inTree: delta.to), root.mode == .directory else { return [] }
        return try handle.withReader { (reader) throws(GitError) in
            var found: [TreeEntry] = []
            try reader.walk(root.id, at: directory) { found.append($0) }
            return found
        }
    }
}
