/// Compares two trees, going down only where they differ.
struct TreeComparison {
    private let reader: TreeReader
    private var delta: TreeDelta

    static func compare(_ from: ObjectID, _ to: ObjectID, with reader: TreeReader) throws(GitError) -> TreeDelta {
        var comparison = TreeComparison(reader: reader, delta: TreeDelta(from: from, to: to))
        if from != to { try comparison.descend(from, to, at: .root) }
        return comparison.delta
    }

    private mutating func descend(_ from: ObjectID, _ to: ObjectID, at prefix: TreePath) throws(GitError) {
        let old = try reader.items(of: from)
        let new = try reader.items(of: to)
        let before = Dictionary(old.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        noteAttributes(before[AttributeSource.fileName], new, at: prefix)
        var kept: Set<ArraySlice<UInt8>> = []
        for item in new {
            kept.insert(item.name)
            let earlier = before[item.name]
            if let earlier, earlier.id == item.id, earlier.mode == item.mode { continue }
            let path = try reader.path(prefix, item)
            if item.mode != .directory {
                delta.changed.append(TreeEntry(path: path, id: item.id, mode: item.mode))
            } else if let earlier, earlier.mode == .directory {
                try descend(earlier.id, item.id, at: path)
            } else {
                try descend(.emptyTree, item.id, at: path)
            }
        }
        for item in old where !kept.contains(item.name) { delta.deleted.append(try reader.path(prefix, item)) }
        if kept != Set(before.keys) { delta.directories.append(TreeEntry(path: prefix, id: to, mode: .directory)) }
    }

    private mutating func noteAttributes(_ before: TreeItem?, _ new: [TreeItem], at prefix: TreePath) {
        let now = new.first { $0.name == AttributeSource.fileName && $0.mode.isFile }
        if let now {
            delta.attributeFiles.append(
                TreeEntry(path: prefix.appending(now.name), id: now.id, mode: now.mode)
            )
        }
        if now?.id != before?.id { delta.attributeChanges.append(prefix) }
    }
}
