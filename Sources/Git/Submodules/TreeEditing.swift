internal import CLibgit2

extension RepositoryHandle {
    /// Writes the tree that has other trees in the place of what lies at some paths.
    func replacing(_ subtrees: [TreePath: ObjectID], in tree: ObjectID) throws(GitError) -> ObjectID {
        guard !subtrees.isEmpty else { return tree }
        if let whole = subtrees[.root] { return whole }
        var direct: [TreePath: ObjectID] = [:]
        var nested: [TreePath: [TreePath: ObjectID]] = [:]
        for (path, id) in subtrees {
            let names = path.components
            let first = TreePath(bytes: Array(names[0]))
            if names.count == 1 {
                direct[first] = id
            } else {
                nested[first, default: [:]][TreePath(bytes: Array(names.dropFirst().joined(separator: [0x2f])))] = id
            }
        }
        for (name, inner) in nested {
            guard let child = try entry(at: name, inTree: tree), child.mode == .directory else { continue }
            direct[name] = try replacing(inner, in: child.id)
        }
        return try writeTree(from: tree, with: direct)
    }

    private func writeTree(from tree: ObjectID, with children: [TreePath: ObjectID]) throws(GitError) -> ObjectID {
        var oid = tree.oid
        let source = try Libgit2.obtain("read tree \(tree.short)") { git_tree_lookup(&$0, pointer, &oid) }
        defer { git_tree_free(source) }
        let builder = try Libgit2.obtain("build a tree") { git_treebuilder_new(&$0, pointer, source) }
        defer { git_treebuilder_free(builder) }
        for (name, id) in children {
            var child = id.oid
            let code = name.withCString { git_treebuilder_insert(nil, builder, $0, &child, GIT_FILEMODE_TREE) }
            try Libgit2.check(code, "put `\(name)` into a tree")
        }
        var written = git_oid()
        try Libgit2.check(git_treebuilder_write(&written, builder), "write a tree")
        return ObjectID(written)
    }
}
