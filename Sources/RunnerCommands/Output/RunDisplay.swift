import FoundationEssentials
import RunnerCore
import RunnerStore

/// What shows a run to somebody while it goes on. Called from one thread at a time.
protocol RunDisplay: AnyObject, Sendable {
    func begin(_ header: RunHeader)
    func show(_ record: RunRecord)
    /// Comes several times a second, for times and logs.
    func tick()
    func end(_ result: RunResult)
}

/// What is known of a run before its first event.
struct RunHeader: Sendable {
    let directory: RunDirectory
    let plan: Plan
    let isolationNote: String?
    /// For one that somebody comes late to.
    var startedAt = Date()
}
