package import FoundationEssentials
package import RunnerCore

/// A secret as people see it: never its value.
package struct SecretRow: Sendable, Hashable {
    package var name: String
    /// `nil` for all that have none of their own.
    package var environment: String?
    package var version: Int
    package var createdAt: Date
    package var createdBy: String
    /// When a run last got it, in any version.
    package var usedAt: Date?

    package init(
        name: String,
        environment: String?,
        version: Int,
        createdAt: Date,
        createdBy: String,
        usedAt: Date? = nil
    ) {
        self.name = name
        self.environment = environment
        self.version = version
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.usedAt = usedAt
    }
}

/// That a stage of a run got a secret.
package struct SecretUse: Sendable, Hashable {
    package var at: Date
    package var run: RunNumber
    package var repository: String
    package var ref: String
    package var stage: StageID
    package var name: String
    package var environment: String?
    /// `v3`, or what stands for the value that a command gave.
    package var version: String

    package init(
        at: Date,
        run: RunNumber,
        repository: String,
        ref: String,
        stage: StageID,
        name: String,
        environment: String?,
        version: String
    ) {
        self.at = at
        self.run = run
        self.repository = repository
        self.ref = ref
        self.stage = stage
        self.name = name
        self.environment = environment
        self.version = version
    }
}
