package import SystemPackage

/// A repository that is read, its own thread of work included. Nothing here ever writes to it.
package actor Repository {
    /// Where its parts lie.
    package nonisolated let location: RepositoryLocation
    let handle: RepositoryHandle
    private let executor: GitExecutor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the repository at a work directory or a git directory, which reads a few small files.
    package init(at path: FilePath) throws(GitError) { try self.init(RepositoryHandle(opening: path)) }

    init(_ handle: sending RepositoryHandle) throws(GitError) {
        location = try RepositoryLocation(handle)
        self.handle = handle
        executor = GitExecutor(label: "git")
    }

    /// The commit that a revision as `develop~2` means; annotated tags are peeled.
    package func resolve(_ spec: String) throws(GitError) -> ObjectID { try handle.resolve(spec) }

    /// What a reference, by its full name, points to; `nil` when there is none.
    package func resolveReference(_ name: String) throws(GitError) -> ObjectID? { try handle.resolveReference(name) }

    package func head() throws(GitError) -> HeadState { try handle.head() }

    /// Where the upstream of a branch, by its full name, was last seen; `nil` without an upstream.
    package func upstream(ofBranch name: String) throws(GitError) -> ObjectID? { try handle.upstream(ofBranch: name) }

    /// All references in the order of their names.
    package func references() throws(GitError) -> [Reference] { try handle.references() }

    package func commit(_ id: ObjectID) throws(GitError) -> CommitSummary { try handle.commit(id) }

    /// The commit and its ancestors over all parents, youngest first.
    package func ancestors(of commit: ObjectID, limit: Int) throws(GitError) -> [CommitTree] {
        try handle.ancestors(of: commit, limit: limit)
    }

    /// Whether the first commit is in the history of the second. History that is not here counts as none.
    package func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(GitError) -> Bool {
        try handle.isAncestor(ancestor, of: commit)
    }

    /// The whole message of a commit, as far as `limit` bytes.
    package func message(of commit: ObjectID, limit: Int = 64 << 10) throws(GitError) -> String {
        try handle.message(of: commit, limit: limit)
    }

    /// The entries directly in a tree; with `recursive` everything below, directories included.
    package func entries(ofTree tree: ObjectID, recursive: Bool = false) throws(GitError) -> [TreeEntry] {
        try handle.entries(ofTree: tree, recursive: recursive)
    }

    /// Every file, symlink and submodule of a tree, in git's order.
    package func listFiles(_ tree: ObjectID) throws(GitError) -> [TreeEntry] { try handle.listFiles(tree) }

    /// What lies at a path of a tree; `nil` when nothing does.
    package func entry(at path: TreePath, inTree tree: ObjectID) throws(GitError) -> TreeEntry? {
        try handle.entry(at: path, inTree: tree)
    }

    /// The content of a blob. One of more than `limit` bytes throws `tooLarge`.
    package func blob(_ id: ObjectID, limit: Int = 64 << 20) throws(GitError) -> [UInt8] {
        try handle.blob(id, limit: limit)
    }

    /// What turns one tree into another.
    package func diff(from: ObjectID, to: ObjectID) throws(GitError) -> TreeDelta {
        try handle.withReader { (reader) throws(GitError) in try TreeComparison.compare(from, to, with: reader) }
    }

    /// Runs a longer piece of work on the repository's own thread.
    func perform<Result: Sendable>(
        _ body: @Sendable (RepositoryHandle) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        try body(handle)
    }
}
