internal import CLibgit2

/// The `.gitattributes` files of trees.
enum AttributeSource {
    static let fileName = Array(".gitattributes".utf8)[...]

    private static let largest = 1 << 20
    /// Without one of these words in any of them, a checkout copies bytes.
    private static let words = ["eol=crlf", "ident", "working-tree-encoding", "filter=lfs"].map { Array($0.utf8) }

    /// Whether a file may hold attributes that change content. It may say so in vain, never the other way.
    static func mayChangeContent(_ blob: ObjectID, with handle: RepositoryHandle) throws(GitError) -> Bool {
        let text = try handle.blob(blob, limit: largest)
        return words.contains { word in
            text.indices.contains { text[$0...].starts(with: word) }
        }
    }

    /// A commit of the tree, as libgit2 reads attributes from commits only. The same tree always gives the same commit.
    static func commit(of tree: ObjectID, with handle: RepositoryHandle) throws(GitError) -> ObjectID {
        var oid = tree.oid
        let object = try Libgit2.obtain("read tree \(tree.short)") { git_tree_lookup(&$0, handle.pointer, &oid) }
        defer { git_tree_free(object) }
        var signature: UnsafeMutablePointer<git_signature>?
        try Libgit2.check(git_signature_new(&signature, "runner", "runner", 0, 0), "sign a commit")
        defer { git_signature_free(signature) }
        var written = git_oid()
        let code = git_commit_create(
            &written,
            handle.pointer,
            nil,
            signature,
            signature,
            nil,
            "attributes",
            object,
            0,
            nil
        )
        try Libgit2.check(code, "write a commit of tree \(tree.short)")
        return ObjectID(written)
    }
}
