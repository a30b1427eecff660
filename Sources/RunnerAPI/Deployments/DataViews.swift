package import FoundationEssentials

/// A backup of an environment's data.
package struct BackupView: Sendable, Hashable, Codable {
    package var id: Int64
    package var environment: String
    /// Why it was made: `deployment 12`, `by ada`, `by runner`.
    package var cause: String
    /// A file's name, or what the tool calls it.
    package var name: String
    /// Missing for one that lies elsewhere.
    package var bytes: Int64?
    package var createdAt: Date
    /// What it took to make it.
    package var seconds: Double
    /// When it was last restored into a scratch database; missing: unproven.
    package var verifiedAt: Date?
    package var problem: String?

    package init(
        id: Int64,
        environment: String,
        cause: String,
        name: String,
        bytes: Int64?,
        createdAt: Date,
        seconds: Double,
        verifiedAt: Date?,
        problem: String?
    ) {
        self.id = id
        self.environment = environment
        self.cause = cause
        self.name = name
        self.bytes = bytes
        self.createdAt = createdAt
        self.seconds = seconds
        self.verifiedAt = verifiedAt
        self.problem = problem
    }
}

/// A step of a database's way.
package struct MigrationView: Sendable, Hashable, Codable {
    package var id: String
    /// `expand`, `contract` or `plain`.
    package var kind: String
    package var isReversible: Bool
    package var isApplied: Bool

    package init(id: String, kind: String, isReversible: Bool, isApplied: Bool) {
        self.id = id
        self.kind = kind
        self.isReversible = isReversible
        self.isApplied = isApplied
    }
}
