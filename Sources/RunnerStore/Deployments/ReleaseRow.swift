package import FoundationEssentials
package import RunnerCore

/// A release as the database knows it: what `DeployRelease` says, and where it came from.
package struct ReleaseRow: Sendable, Hashable {
    package var id: Int64
    package var repository: String
    package var version: String
    /// In full, as `refs/tags/v1.2.0`.
    package var ref: String
    /// 40 hex digits, as `tree`.
    package var commit: String
    package var tree: String
    package var author: String
    /// Both empty where nothing but the commit is deployed.
    package var artifactName: String
    package var artifactDigest: String
    /// The run that made it.
    package var run: RunNumber?
    package var createdAt: Date

    package init(
        id: Int64 = 0,
        repository: String,
        version: String,
        ref: String,
        commit: String,
        tree: String,
        author: String,
        artifactName: String,
        artifactDigest: String,
        run: RunNumber?,
        createdAt: Date = Date()
    ) {
        self.id = id
        self.repository = repository
        self.version = version
        self.ref = ref
        self.commit = commit
        self.tree = tree
        self.author = author
        self.artifactName = artifactName
        self.artifactDigest = artifactDigest
        self.run = run
        self.createdAt = createdAt
    }
}
