/// The names to write into one directory.
struct LayoutDirectory {
    let path: TreePath
    var items: [TreeItem] = []
}

/// What is to be written where, checked: no name in it leads out of the directory.
struct LayoutPlan {
    /// Parents before what is in them.
    private(set) var directories: [LayoutDirectory] = []
    private(set) var whiteouts: [TreePath] = []

    /// Everything of a tree.
    init(_ tree: ObjectID, with reader: TreeReader) throws(GitError) { try add(tree, at: .root, with: reader) }

    /// The changed entries, and whiteouts for the deleted ones.
    init(_ delta: TreeDelta, further: [TreeEntry] = []) throws(GitError) {
        var found: [TreePath: LayoutDirectory] = [.root: LayoutDirectory(path: .root)]
        for entry in delta.changed + further {
            let parent = entry.path.parent
            try Self.addParents(parent, to: &found)
            let item = TreeItem(name: entry.path.name, id: entry.id, mode: entry.mode)
            try Self.check(item.name, at: parent)
            found[parent]?.items.append(item)
        }
        for path in delta.deleted {
            try Self.check(path.name, at: path.parent)
            try Self.addParents(path.parent, to: &found)
        }
        whiteouts = delta.deleted
        directories = found.values.sorted { $0.path < $1.path }
    }

    /// How many files, links and submodule directories it makes.
    var count: Int { directories.reduce(0) { $0 + $1.items.count } }

    private mutating func add(_ tree: ObjectID, at path: TreePath, with reader: TreeReader) throws(GitError) {
        let index = directories.count
        directories.append(LayoutDirectory(path: path))
        var kept: [TreeItem] = []
        for item in try reader.items(of: tree) {
            try Self.check(item.name, at: path)
            guard item.mode == .directory else {
                kept.append(item)
                continue
            }
            try add(item.id, at: reader.path(path, item), with: reader)
        }
        directories[index].items = kept
    }

    private static func addParents(
        _ path: TreePath,
        to found: inout [TreePath: LayoutDirectory]
    ) throws(GitError) {
        guard found[path] == nil else { return }
        try check(path.name, at: path.parent)
        try addParents(path.parent, to: &found)
        found[path] = LayoutDirectory(path: path)
    }

    private static func check(_ name: ArraySlice<UInt8>, at path: TreePath) throws(GitError) {
        guard TreeItem.isSafe(name) else {
            throw GitError(.refused, "lay out `\(path.appending(name))`", "the name could lead out of the directory")
        }
    }
}
