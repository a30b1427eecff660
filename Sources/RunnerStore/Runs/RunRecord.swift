package import FoundationEssentials
package import RunnerCore

/// One line of `events.jsonl`. Readers skip what a newer runner wrote and they do not know.
package struct RunRecord: Sendable, Hashable, Codable {
    package enum Happening: Sendable, Hashable, Codable {
        case runStarted(isolation: Isolation, note: String?)
        case stageStarted(attempt: Int)
        case stepStarted(index: Int, name: String, log: String)
        case stepFinished(index: Int, name: String, outcome: Outcome, exitCode: Int32?, seconds: Double)
        /// Something that people should see beside the log: a cache restored, a limit not enforced.
        case note(String)
        case stageFinished(StageResult)
        /// A stage wants something deployed, and waits for the daemon's answer.
        case deploymentWanted(DeployWish)
        case cancelRequested(String)
        /// The supervisor has taken a grant in; `running` stages run then, perhaps more than it allows.
        case granted(slots: Int, cpu: Double?, memory: Int64?, running: Int)
        /// What the run could use now, whenever that changes; only of a run that lives on grants.
        case wants(slots: Int, cpu: Double, memory: Int64)
        case runFinished(Outcome)
    }

    package var time: Date
    package var stage: StageID?
    package var happening: Happening

    package init(time: Date = Date(), stage: StageID?, _ happening: Happening) {
        self.time = time
        self.stage = stage
        self.happening = happening
    }
}
