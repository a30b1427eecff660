package import FoundationEssentials
package import RunnerCore

/// One line of `events.jsonl`.
package struct RunRecord: Sendable, Hashable, Codable {
    package enum Happening: Sendable, Hashable, Codable {
        case runStarted(isolation: Isolation, note: String?)
        case stageStarted(attempt: Int)
        case stepStarted(index: Int, name: String, log: String)
        case stepFinished(index: Int, name: String, outcome: Outcome, exitCode: Int32?, seconds: Double)
        /// Something that people should see beside the log: a cache restored, a limit not enforced.
        case note(String)
        case stageFinished(StageResult)
        case cancelRequested(String)
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
