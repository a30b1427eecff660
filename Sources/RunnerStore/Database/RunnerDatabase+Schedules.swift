package import FoundationEssentials
import GRDB
package import RunnerCore

extension RunnerDatabase {
    /// Until when a schedule was taken care of; `nil` where it was never seen.
    package func mark(_ repository: RepositoryID, _ pipeline: String, _ schedule: Schedule) async throws -> Date? {
        try await read { try Self.mark(repository, pipeline, schedule, $0) }
    }

    package func setMark(
        _ repository: RepositoryID,
        _ pipeline: String,
        _ schedule: Schedule,
        to time: Date
    ) async throws {
        try await write { try Self.setMark(repository, pipeline, schedule, to: time, $0) }
    }

    /// Writes down a run and that its time was taken care of, in one transaction; `nil` where that was done meanwhile.
    package func fire(
        _ run: NewRun,
        of repository: RepositoryID,
        _ schedule: Schedule,
        at time: Date,
        after known: Date
    ) async throws -> RunNumber? {
        try await write { database in
            guard try Self.mark(repository, run.plan.pipeline, schedule, database) == known else { return nil }
            try Self.setMark(repository, run.plan.pipeline, schedule, to: time, database)
            return try Self.insert(run, of: repository, event: nil, database)
        }
    }

    private static func mark(
        _ repository: RepositoryID,
        _ pipeline: String,
        _ schedule: Schedule,
        _ database: Database
    ) throws -> Date? {
        try Double.fetchOne(
            database,
            sql: "SELECT firedAt FROM scheduleMark WHERE repository = ? AND pipeline = ? AND cron = ? AND zone = ?",
            arguments: [repository.value, pipeline, schedule.cron, schedule.zone]
        ).map(Date.init(timeIntervalSince1970:))
    }

    private static func setMark(
        _ repository: RepositoryID,
        _ pipeline: String,
        _ schedule: Schedule,
        to time: Date,
        _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO scheduleMark VALUES (?, ?, ?, ?, ?)",
            arguments: [repository.value, pipeline, schedule.cron, schedule.zone, time.timeIntervalSince1970]
        )
    }
}
