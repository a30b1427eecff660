import FoundationEssentials
import RunnerStore

/// What people approve: everything that decides what a deployment does. Whoever approves another one has not approved this.
package struct DeployPlan: Sendable, Hashable, Codable {
    package var environment: String
    package var kind: String
    package var release: DeployRelease
    /// SHA-256 of the environment's file.
    package var configuration: String
    /// Those that are not applied yet, as `ID CHECKSUM KIND`.
    package var migrations: [String]

    package init(
        environment: String,
        kind: String,
        release: DeployRelease,
        configuration: String,
        migrations: [String]
    ) {
        self.environment = environment
        self.kind = kind
        self.release = release
        self.configuration = configuration
        self.migrations = migrations
    }

    /// As it is kept and hashed: JSON with sorted keys.
    package func text() throws -> String { String(decoding: try JSON.encode(self), as: UTF8.self) }

    /// SHA-256 as 64 hex digits.
    package func hash() throws -> String { Digest.sha256(try JSON.encode(self)).description }

    /// What changed since another one, in words.
    package func differences(from before: DeployPlan) -> [String] {
        var words: [String] = []
        if release.commit != before.release.commit {
            words.append("the commit is \(release.commit.prefix(10)), it was \(before.release.commit.prefix(10))")
        }
        if release.artifact != before.release.artifact {
            words.append("the artifact is \(release.artifact?.digest.prefix(10) ?? "none")")
        }
        if configuration != before.configuration { words.append("the environment's file is another one") }
        if migrations != before.migrations { words.append("other migrations are due") }
        return words
    }
}
