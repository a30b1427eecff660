package import FoundationEssentials

/// A commit, without its full message.
package struct CommitSummary: Sendable, Hashable {
    package let id: ObjectID
    package let tree: ObjectID
    package let parents: [ObjectID]
    /// The first paragraph of the message, on one line.
    package let summary: String
    package let authorName: String
    /// When it was committed; the author's own date may be far older after a rebase.
    package let date: Date
}

/// A commit and its tree, as a walk through history hands them out.
package struct CommitTree: Sendable, Hashable {
    package let commit: ObjectID
    package let tree: ObjectID
}

/// A reference as it stands in the repository.
package struct Reference: Sendable, Hashable {
    /// The full name, as `refs/tags/v1.2.0`.
    package let name: String
    /// What it points to: for an annotated tag the tag object.
    package let target: ObjectID
    /// The commit behind it; `nil` for a tag of a tree or a blob.
    package let commit: ObjectID?
}
