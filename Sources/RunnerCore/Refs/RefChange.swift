package import Git

/// Where a ref points: for an annotated tag, `object` is the tag and `commit` what it is put on.
package struct RefTarget: Sendable, Hashable, Codable {
    package var object: ObjectID
    package var commit: ObjectID

    package init(object: ObjectID, commit: ObjectID) {
        self.object = object
        self.commit = commit
    }
}

/// The branches and tags of a repository at one time, by full name.
package struct RefSnapshot: Sendable, Hashable {
    package var refs: [String: RefTarget]

    package init(_ refs: [String: RefTarget] = [:]) { self.refs = refs }
}

/// One ref that is not what it was.
package struct RefChange: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case created
        /// The old commit is an ancestor of the new one.
        case moved
        /// The old commit is no ancestor of the new one; for a tag, any move.
        case forceMoved = "force-moved"
        case deleted
    }

    /// The full name, as `refs/heads/develop`.
    package var ref: String
    package var kind: Kind
    /// `nil` where it was created.
    package var old: RefTarget?
    /// `nil` where it was deleted.
    package var new: RefTarget?

    package init(ref: String, kind: Kind, old: RefTarget?, new: RefTarget?) {
        self.ref = ref
        self.kind = kind
        self.old = old
        self.new = new
    }

    package var isTag: Bool { ref.hasPrefix("refs/tags/") }
}
