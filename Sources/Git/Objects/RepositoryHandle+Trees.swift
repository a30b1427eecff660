internal import CLibgit2

extension RepositoryHandle {
    /// The entries directly in a tree, or everything below it with its directories.
    func entries(ofTree tree: ObjectID, recursive: Bool) throws(GitError) -> [TreeEntry] {
        try withReader { (reader) throws(GitError) in
            guard recursive else {
                return try reader.items(of: tree).map {
                    TreeEntry(path: TreePath(bytes: Array($0.name)), id: $0.id, mode: $0.mode)
                }
            }
            var found: [TreeEntry] = []
            try reader.walk(tree, at: .root, withDirectories: true) { found.append($0) }
            return found
        }
    }

    /// Every file, symlink and submodule of a tree.
    func listFiles(_ tree: ObjectID) throws(GitError) -> [TreeEntry] {
        try withReader { (reader) throws(GitError) in
            var found: [TreeEntry] = []
            try reader.walk(tree) { found.append($0) }
            return found
        }
    }

    /// What lies at a path; `nil` when nothing does.
    func entry(at path: TreePath, inTree tree: ObjectID) throws(GitError) -> TreeEntry? {
        try withReader { (reader) throws(GitError) in
            var found = TreeEntry(path: .root, id: tree, mode: .directory)
            for name in path.components {
                guard found.mode == .directory else { return nil }
                guard let item = try reader.items(of: found.id).first(where: { $0.name == name }) else { return nil }
                found = TreeEntry(path: path, id: item.id, mode: item.mode)
            }
            return found
        }
    }

    /// The content of a blob; one of more than `limit` bytes is `tooLarge` and is not read.
    func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
        try withObjects { (odb) throws(GitError) in
            var oid = id.oid
            var size = 0
            var kind = GIT_OBJECT_INVALID
            try Libgit2.check(git_odb_read_header(&size, &kind, odb, &oid), "read blob \(id.short)")
            guard size <= limit else {
                throw GitError(.tooLarge, "read blob \(id.short)", "it has \(size) bytes, and \(limit) are allowed")
            }
            return try TreeReader(odb).withObject(id, kind: GIT_OBJECT_BLOB) { Array($0) }
        }
    }

    func withReader<Result>(
        _ body: (TreeReader) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        try withObjects { (odb) throws(GitError) in try body(TreeReader(odb)) }
    }
}
