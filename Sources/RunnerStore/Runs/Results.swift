package import FoundationEssentials
package import RunnerCore

/// How a stage run ended. Its absence means that the runner failed, never success.
package struct StageResult: Sendable, Hashable, Codable {
    package var stage: StageID
    package var outcome: Outcome
    /// In words: which step said no, what could not be done.
    package var reason: String?
    package var attempt: Int
    package var startedAt: Date
    package var seconds: Double
    package var steps: [StepResult]
    package var artifacts: [ArtifactReference]
    package var outputs: [String: String]
    /// The run whose outcome was taken instead of running.
    package var reusedFrom: RunNumber?
    /// Path of the kept workspace of a failed stage, for a shell in it.
    package var keptWorkspace: String?
    /// Where the time went, in seconds: `workspace`, `caches`, `steps`, `artifacts`, `cache saving`.
    package var phases: [String: Double]

    package init(stage: StageID, outcome: Outcome, reason: String? = nil, attempt: Int = 1, startedAt: Date) {
        self.stage = stage
        self.outcome = outcome
        self.reason = reason
        self.attempt = attempt
        self.startedAt = startedAt
        seconds = 0
        steps = []
        artifacts = []
        outputs = [:]
        phases = [:]
    }
}

package struct StepResult: Sendable, Hashable, Codable {
    package var name: String
    package var outcome: Outcome
    /// As a shell would say: the exit status, or 128 and the signal's number.
    package var exitCode: Int32?
    package var seconds: Double
    /// File name in the stage's directory; `nil` for a step that did not run.
    package var log: String?
    package var reason: String?

    package init(
        name: String,
        outcome: Outcome,
        exitCode: Int32? = nil,
        seconds: Double = 0,
        log: String? = nil,
        reason: String? = nil
    ) {
        self.name = name
        self.outcome = outcome
        self.exitCode = exitCode
        self.seconds = seconds
        self.log = log
        self.reason = reason
    }
}

/// How a run ended.
package struct RunResult: Sendable, Hashable, Codable {
    package var number: RunNumber
    package var outcome: Outcome
    package var reason: String?
    package var startedAt: Date
    package var seconds: Double
    /// In the order of the plan, `finally` last.
    package var stages: [StageResult]
    /// Most memory that the supervisor held.
    package var peakKibibytes: Int

    package init(
        number: RunNumber,
        outcome: Outcome,
        reason: String?,
        startedAt: Date,
        seconds: Double,
        stages: [StageResult],
        peakKibibytes: Int
    ) {
        self.number = number
        self.outcome = outcome
        self.reason = reason
        self.startedAt = startedAt
        self.seconds = seconds
        self.stages = stages
        self.peakKibibytes = peakKibibytes
    }
}
