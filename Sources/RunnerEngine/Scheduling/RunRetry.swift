import Logging
import RunnerCore
import RunnerExecution
import RunnerStore

/// Runs whose supervisor died, begun again as new ones.
struct RunRetry: Sendable {
    let database: RunnerDatabase
    let state: StateDirectory
    let logger: Logger
    /// The mirror of a run's repository.
    let source: @Sendable (RepositoryID) async -> Mirror?

    /// A run whose supervisor died goes on in a new one, where `retry` of each stage that was lost says so.
    func tryAgain(_ row: RunRow, _ plan: Plan, _ result: RunResult) async {
        do {
            let lost = Set(result.stages.filter { $0.outcome == .errored }.map(\.stage))
            let stages = (plan.stages + plan.finally).filter { lost.contains($0.id) }
            let attempt = try await attempts(of: row)
            let isWanted = stages.contains { $0.definition.retry.triesAgain(after: .errored, attempt: attempt) }
            guard isWanted, let record = try await database.repository(named: row.repository),
                let mirror = await source(row.repositoryID)
            else { return }
            let number = try await ManualRuns(database: database, state: state)
                .again(row, .fromFailed, record, mirror, actor: RunnerDatabase.itself)
            logger.info("run tried again", metadata: ["run": "\(row.number)", "as": "\(number)"])
        } catch {
            let words = Failure.words(error, state: state)
            logger.error("run not tried again", metadata: ["run": "\(row.number)", "error": "\(words)"])
        }
    }

    /// How many runs there were of the same thing, this one included.
    private func attempts(of row: RunRow) async throws -> Int {
        var count = 1
        var earlier = row.rerunOf
        while let number = earlier, let row = try await database.run(number) {
            count += 1
            earlier = row.rerunOf
        }
        return count
    }
}
