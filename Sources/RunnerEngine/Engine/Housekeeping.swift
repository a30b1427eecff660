import FoundationEssentials
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore

/// What the daemon does from time to time: starts what the clock asks for, looks whether there is room for new work,
/// takes away what is too old or too much.
struct Housekeeping: Sendable {
    let database: RunnerDatabase
    let state: StateDirectory
    let clock: ScheduleClock
    let logger: Logger
    let mirror: @Sendable (RepositoryID) -> Mirror?
    /// Told of runs that were written down.
    let onRuns: @Sendable () -> Void

    /// A schedule's finest step is a minute; half of that is late by no more than that.
    private static let interval = Duration.seconds(20)

    func run() async throws {
        while true {
            try await fireSchedules()
            try await Task.sleep(for: Self.interval)
        }
    }

    private func fireSchedules() async throws {
        for record in try await database.repositories() {
            guard let mirror = mirror(record.id) else { continue }
            do {
                let runs = try await clock.fire(record, mirror, now: Date())
                guard !runs.isEmpty else { continue }
                logger.info("schedule fired", metadata: ["repository": "\(record.name)", "runs": "\(runs)"])
                onRuns()
            } catch {
                let words = Failure.words(error, state: state)
                logger.warning("schedules not read", metadata: ["repository": "\(record.name)", "error": "\(words)"])
            }
        }
    }
}
