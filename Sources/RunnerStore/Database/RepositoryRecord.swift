package import FoundationEssentials
package import RunnerCore

/// A repository's key in the database.
package struct RepositoryID: Sendable, Hashable, Codable {
    package let value: Int64

    init(_ value: Int64) { self.value = value }
}

/// A repository as the database knows it.
package struct RepositoryRecord: Sendable, Hashable {
    package enum Origin: String, Sendable, Hashable, Codable {
        /// Declared in the server's file.
        case file
        /// By `runner repository add`.
        case added
    }

    package var id: RepositoryID
    package var definition: RepositoryDefinition
    package var origin: Origin
    /// Whether its refs were recorded once.
    package var isSeen: Bool
    package var addedAt: Date
    /// When it was last looked at with success.
    package var lookedAt: Date?
    /// Why the last look failed, in words; `nil` where it did not.
    package var problem: String?
    /// Which transport serves it and why, where that was decided for it.
    package var transportNote: String?

    package var name: String { definition.name }
}

/// A change of a ref that was seen; open until its runs are written down.
package struct RefEventRecord: Sendable, Hashable {
    package var id: Int64
    package var repository: RepositoryID
    package var change: RefChange
    package var seenAt: Date
    package var isFirstSight: Bool
    /// What became of it, in words; `nil` while it is open.
    package var verdict: String?
}
