package import Git

/// What asks for a run: a ref that moved, or a person.
package struct RunEvent: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case push, tag, schedule, manual
    }

    package var kind: Kind
    /// The full name, as `refs/heads/develop` or `refs/tags/v1.0.0`.
    package var ref: String
    /// The commit; for a working tree with changes, the commit that it stands on.
    package var commit: ObjectID?
    /// What is run: the identity of every input.
    package var tree: ObjectID
    /// True where `tree` is not the tree of `commit` but the working tree as it is.
    package var isWorkingTree: Bool
    /// First line of the commit's message, author and time, for people and for `commit.*`.
    package var message: String
    package var author: String
    /// Typed inputs of a manual run, as text.
    package var inputs: [String: String]

    package init(
        kind: Kind,
        ref: String,
        commit: ObjectID?,
        tree: ObjectID,
        isWorkingTree: Bool,
        message: String,
        author: String,
        inputs: [String: String] = [:]
    ) {
        self.kind = kind
        self.ref = ref
        self.commit = commit
        self.tree = tree
        self.isWorkingTree = isWorkingTree
        self.message = message
        self.author = author
        self.inputs = inputs
    }

    /// `develop` for `refs/heads/develop`, `v1.0.0` for `refs/tags/v1.0.0`.
    package var shortRef: String {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return ref
    }
}
