package import FoundationEssentials
package import RunnerCore

/// A run with all that is known of its parts.
package struct RunDetail: Sendable, Hashable, Codable {
    package var run: RunSummary
    /// Of a manual run.
    package var inputs: [String: String]
    /// `hotfix`, `tag`, `develop` or `other`.
    package var priority: String
    /// What it must hold to run.
    package var lock: String?
    /// `sandbox` or `none`, once it has begun.
    package var isolation: String?
    /// Why it is not a sandbox.
    package var isolationNote: String?
    /// In the order of the plan, `finally` last.
    package var stages: [StageView]

    package init(
        run: RunSummary,
        inputs: [String: String],
        priority: String,
        lock: String? = nil,
        isolation: String? = nil,
        isolationNote: String? = nil,
        stages: [StageView]
    ) {
        self.run = run
        self.inputs = inputs
        self.priority = priority
        self.lock = lock
        self.isolation = isolation
        self.isolationNote = isolationNote
        self.stages = stages
    }
}

/// A stage of a run.
package struct StageView: Sendable, Hashable, Codable {
    package var name: String
    /// It runs whatever the others' outcome.
    package var isFinally: Bool
    package var needs: [String]
    package var status: StatusName
    package var outcome: Outcome?
    package var reason: String?
    package var attempt: Int
    package var startedAt: Date?
    package var seconds: Double?
    /// The run whose outcome was taken instead of running.
    package var reusedFrom: Int?
    /// Path of the kept workspace of a failed stage, for `runner shell`.
    package var keptWorkspace: String?
    package var steps: [StepView]
    package var artifacts: [ArtifactView]
    package var outputs: [String: String]
    /// Where the time went, in seconds.
    package var phases: [String: Double]

    package init(
        name: String,
        isFinally: Bool,
        needs: [String],
        status: StatusName,
        outcome: Outcome? = nil,
        reason: String? = nil,
        attempt: Int,
        startedAt: Date? = nil,
        seconds: Double? = nil,
        reusedFrom: Int? = nil,
        keptWorkspace: String? = nil,
        steps: [StepView],
        artifacts: [ArtifactView],
        outputs: [String: String],
        phases: [String: Double]
    ) {
        self.name = name
        self.isFinally = isFinally
        self.needs = needs
        self.status = status
        self.outcome = outcome
        self.reason = reason
        self.attempt = attempt
        self.startedAt = startedAt
        self.seconds = seconds
        self.reusedFrom = reusedFrom
        self.keptWorkspace = keptWorkspace
        self.steps = steps
        self.artifacts = artifacts
        self.outputs = outputs
        self.phases = phases
    }
}

/// A step of a stage.
package struct StepView: Sendable, Hashable, Codable {
    /// From 0: its place in the stage, and its name in addresses.
    package var index: Int
    package var name: String
    package var status: StatusName
    package var outcome: Outcome?
    package var exitCode: Int32?
    package var seconds: Double?
    package var reason: String?
    /// `nil` for a step that has printed nothing yet.
    package var log: LogView?

    package init(
        index: Int,
        name: String,
        status: StatusName,
        outcome: Outcome? = nil,
        exitCode: Int32? = nil,
        seconds: Double? = nil,
        reason: String? = nil,
        log: LogView? = nil
    ) {
        self.index = index
        self.name = name
        self.status = status
        self.outcome = outcome
        self.exitCode = exitCode
        self.seconds = seconds
        self.reason = reason
        self.log = log
    }
}

/// A step's log.
package struct LogView: Sendable, Hashable, Codable {
    /// Its name in the stage's directory.
    package var file: String
    package var bytes: Int64

    package init(file: String, bytes: Int64) {
        self.file = file
        self.bytes = bytes
    }
}

/// An output of a stage by name and content.
package struct ArtifactView: Sendable, Hashable, Codable {
    package var name: String
    /// SHA-256.
    package var digest: String
    package var files: Int
    package var bytes: Int64

    package init(name: String, digest: String, files: Int, bytes: Int64) {
        self.name = name
        self.digest = digest
        self.files = files
        self.bytes = bytes
    }
}
