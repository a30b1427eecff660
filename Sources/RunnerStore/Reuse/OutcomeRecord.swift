package import FoundationEssentials
package import Git
package import RunnerCore

/// What a stage run that succeeded left, to be taken instead of running the same work again: all of it by content, so
/// that its run may be gone, or another machine's.
package struct OutcomeRecord: Sendable, Hashable, Codable {
    package static let currentVersion = 1

    /// A log, its index or a report.
    package struct File: Sendable, Hashable, Codable {
        /// Below the stage's directory.
        package var name: String
        package var digest: Digest
        package var bytes: Int64

        package init(name: String, digest: Digest, bytes: Int64) {
            self.name = name
            self.digest = digest
            self.bytes = bytes
        }
    }

    package var version = Self.currentVersion
    package var key: Digest
    package var run: RunNumber
    package var repository: String
    package var pipeline: String
    package var ref: String
    package var trust: RefTrust
    package var tree: ObjectID
    package var savedAt: Date
    package var result: StageResult
    package var files: [File]
    /// The machine of the run, where that is another one: then the run's number is none of this machine's runs.
    package var origin: String?

    package init(
        key: Digest,
        run: RunNumber,
        repository: String,
        pipeline: String,
        ref: String,
        trust: RefTrust,
        tree: ObjectID,
        savedAt: Date = Date(),
        result: StageResult,
        files: [File] = []
    ) {
        self.key = key
        self.run = run
        self.repository = repository
        self.pipeline = pipeline
        self.ref = ref
        self.trust = trust
        self.tree = tree
        self.savedAt = savedAt
        self.result = result
        self.files = files
    }

    /// Whether the names of all files stay below the stage's directory and name none of its records. A record may come from
    /// elsewhere.
    var isSafe: Bool {
        files.allSatisfy { file in
            let parts = file.name.split(separator: "/", omittingEmptySubsequences: false)
            let isInside = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
            return isInside && !StageDirectory.records.contains(file.name)
        }
    }
}
