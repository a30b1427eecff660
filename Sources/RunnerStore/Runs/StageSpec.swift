package import Git
package import RunnerCore
package import SystemPackage

/// One stage, every value settled: what its executor reads.
package struct StageSpec: Sendable, Codable {
    package var run: RunNumber
    package var stage: StageID
    package var attempt: Int
    package var steps: [StepDefinition]
    /// Variables of every step. Secrets are not among them.
    package var environment: [String: String]
    /// What expressions of steps may look at: `ref`, `matrix`, `needs` ...
    package var context: [String: Value]
    /// Names of the secrets that the steps get.
    package var secrets: [String]
    /// Those of them that are handed over as files. `nil` in records of older runners.
    package var secretFiles: [String]?
    package var tree: ObjectID
    package var layers: [FilePath]
    package var caches: [CacheSpec]
    /// Artifacts of needed stages and of other pipelines, to be found at `$RUNNER_ARTIFACTS/NAME`.
    package var takes: [TakenArtifact]
    package var artifacts: [ArtifactDefinition]
    package var reports: [ReportDefinition]
    package var network: Network
    package var timeout: Duration
    package var grace: Duration
    package var services: [ServiceSpec]
    /// Set where the stage may be taken from an earlier run with the same inputs.
    package var reuseKey: Digest?

    package init(
        run: RunNumber,
        stage: StageID,
        attempt: Int,
        steps: [StepDefinition],
        environment: [String: String],
        context: [String: Value],
        secrets: [String],
        tree: ObjectID,
        layers: [FilePath],
        network: Network,
        timeout: Duration,
        grace: Duration
    ) {
        self.run = run
        self.stage = stage
        self.attempt = attempt
        self.steps = steps
        self.environment = environment
        self.context = context
        self.secrets = secrets
        self.tree = tree
        self.layers = layers
        self.network = network
        self.timeout = timeout
        self.grace = grace
        caches = []
        takes = []
        artifacts = []
        reports = []
        services = []
    }
}

/// A program beside the stage.
package struct ServiceSpec: Sendable, Hashable, Codable {
    package var name: String
    package var run: String
    /// A command that succeeds once the service can be used.
    package var ready: String?
    package var environment: [String: String]

    package init(name: String, run: String, ready: String?, environment: [String: String]) {
        self.name = name
        self.run = run
        self.ready = ready
        self.environment = environment
    }
}

package struct CacheSpec: Sendable, Hashable, Codable {
    package var key: String
    package var fallback: [String]
    package var paths: [String]

    package init(key: String, fallback: [String], paths: [String]) {
        self.key = key
        self.fallback = fallback
        self.paths = paths
    }
}

/// An artifact by name and content.
package struct ArtifactReference: Sendable, Hashable, Codable {
    package var name: String
    package var digest: Digest
    package var files: Int
    package var bytes: Int64
    /// Of the statement about where it comes from, in `artifacts/provenance`. No part of what it is.
    package var provenance: Digest?

    package init(name: String, digest: Digest, files: Int, bytes: Int64) {
        self.name = name
        self.digest = digest
        self.files = files
        self.bytes = bytes
    }
}

/// An artifact and the stage that made it.
package struct TakenArtifact: Sendable, Hashable, Codable {
    package var stage: StageID
    package var reference: ArtifactReference
    /// The pipeline of that stage, where it is another one.
    package var pipeline: String?

    package init(stage: StageID, reference: ArtifactReference, pipeline: String? = nil) {
        self.stage = stage
        self.reference = reference
        self.pipeline = pipeline
    }
}
