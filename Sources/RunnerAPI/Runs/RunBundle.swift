package import FoundationEssentials
package import RunnerCore

/// What it takes to run a run again somewhere else: see `runner local --run`.
package struct RunBundle: Sendable, Codable {
    package var number: Int
    package var repository: String
    /// Where the repository lies, without passwords; `nil` where it is watched no more.
    package var url: String?
    package var commit: String?
    package var tree: String
    package var event: RunEvent
    package var pipeline: String
    package var inputs: [String: String]
    package var plan: Plan
    /// `sandbox` or `none`; `nil` where it has not begun.
    package var isolation: String?
    /// Names only.
    package var secrets: [String]
    /// As `linux-x86_64`.
    package var platform: String
    /// Of the runner.
    package var version: String
    /// The server's `PATH`, from which stages get theirs.
    package var path: String?
    /// Digest of each image by its name.
    package var images: [String: String]
    package var stages: [StageOutcome]
    package var createdAt: Date

    package init(
        number: Int,
        repository: String,
        url: String? = nil,
        commit: String? = nil,
        tree: String,
        event: RunEvent,
        pipeline: String,
        inputs: [String: String],
        plan: Plan,
        isolation: String? = nil,
        secrets: [String],
        platform: String,
        version: String,
        path: String? = nil,
        images: [String: String],
        stages: [StageOutcome],
        createdAt: Date
    ) {
        self.number = number
        self.repository = repository
        self.url = url
        self.commit = commit
        self.tree = tree
        self.event = event
        self.pipeline = pipeline
        self.inputs = inputs
        self.plan = plan
        self.isolation = isolation
        self.secrets = secrets
        self.platform = platform
        self.version = version
        self.path = path
        self.images = images
        self.stages = stages
        self.createdAt = createdAt
    }

    /// How a stage ended there.
    package struct StageOutcome: Sendable, Hashable, Codable {
        package var name: String
        package var outcome: Outcome?
        package var reason: String?
        package var reusedFrom: Int?

        package init(name: String, outcome: Outcome? = nil, reason: String? = nil, reusedFrom: Int? = nil) {
            self.name = name
            self.outcome = outcome
            self.reason = reason
            self.reusedFrom = reusedFrom
        }
    }
}
