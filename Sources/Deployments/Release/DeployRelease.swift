/// What is deployed: a commit under a name, and the bytes that a run made of it. Two releases with the same digests are
/// the same, whatever they are called.
package struct DeployRelease: Sendable, Hashable, Codable {
    package var repository: String
    /// A tag such as `v1.2.0`; of a branch, its name and the commit: `develop-3f2a9c1b04`. Safe as a file's name.
    package var version: String
    /// The full name of what asked for it, as `refs/tags/v1.2.0`.
    package var ref: String
    /// As 40 hex digits.
    package var commit: String
    package var tree: String
    /// Who wrote the commit, as `Name <address>`.
    package var author: String
    package var artifact: Artifact?

    /// A kept artifact, by its name in the pipeline and the digest of its manifest.
    package struct Artifact: Sendable, Hashable, Codable {
        package var name: String
        /// SHA-256 as 64 hex digits.
        package var digest: String

        package init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }

    package init(
        repository: String,
        version: String,
        ref: String,
        commit: String,
        tree: String,
        author: String,
        artifact: Artifact?
    ) {
        self.repository = repository
        self.version = version
        self.ref = ref
        self.commit = commit
        self.tree = tree
        self.author = author
        self.artifact = artifact
    }
}
