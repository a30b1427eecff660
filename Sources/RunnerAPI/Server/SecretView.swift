package import FoundationEssentials

/// A secret of the server: never its value.
package struct SecretView: Sendable, Hashable, Codable {
    package var name: String
    /// Missing for the value of all stages that have none of their own.
    package var environment: String?
    package var version: Int
    package var createdAt: Date
    package var createdBy: String
    /// When a run last got it, in any version.
    package var usedAt: Date?
    /// True where the server's file has a command that wins over it.
    package var isOverruled: Bool

    package init(
        name: String,
        environment: String?,
        version: Int,
        createdAt: Date,
        createdBy: String,
        usedAt: Date?,
        isOverruled: Bool
    ) {
        self.name = name
        self.environment = environment
        self.version = version
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.usedAt = usedAt
        self.isOverruled = isOverruled
    }
}

/// A value to be kept.
package struct SecretBody: Sendable, Hashable, Codable {
    package var name: String
    package var environment: String?
    package var value: String
    /// True: only where there is one already.
    package var isRotation: Bool?

    package init(name: String, environment: String? = nil, value: String, isRotation: Bool? = nil) {
        self.name = name
        self.environment = environment
        self.value = value
        self.isRotation = isRotation
    }
}

/// What became of a value.
package struct SecretKept: Sendable, Hashable, Codable {
    package var name: String
    package var environment: String?
    package var version: Int
    /// When a run last got the version before.
    package var usedAt: Date?
    /// Where hiding it in logs, or guessing it, is not what one may think.
    package var warnings: [String]

    package init(name: String, environment: String?, version: Int, usedAt: Date?, warnings: [String]) {
        self.name = name
        self.environment = environment
        self.version = version
        self.usedAt = usedAt
        self.warnings = warnings
    }
}

/// How many secrets something was done to.
package struct SecretCount: Sendable, Hashable, Codable {
    package var secrets: Int

    package init(secrets: Int) { self.secrets = secrets }
}

/// That a stage of a run got a secret.
package struct SecretUseView: Sendable, Hashable, Codable {
    package var at: Date
    package var name: String
    package var environment: String?
    /// `v3`, or what stands for the value that a command gave.
    package var version: String
    package var run: Int
    package var repository: String
    package var ref: String
    package var stage: String

    package init(
        at: Date,
        name: String,
        environment: String?,
        version: String,
        run: Int,
        repository: String,
        ref: String,
        stage: String
    ) {
        self.at = at
        self.name = name
        self.environment = environment
        self.version = version
        self.run = run
        self.repository = repository
        self.ref = ref
        self.stage = stage
    }
}
