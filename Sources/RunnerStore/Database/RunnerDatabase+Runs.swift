import FoundationEssentials
import GRDB
package import RunnerCore

/// Writing down what becomes of runs. Each function is one transaction.
extension RunnerDatabase {
    /// Writes down what an event led to: its verdict and its runs. An event that was handled before gives its runs again,
    /// and nothing is written: so that each event is handled once, whatever dies in between.
    package func handle(_ event: RefEventRecord, verdict: String, runs: [NewRun]) async throws -> [RunNumber] {
        try await write { database in
            let open = "SELECT 1 FROM refEvent WHERE id = ? AND handledAt IS NULL"
            guard try Bool.fetchOne(database, sql: open, arguments: [event.id]) != nil else {
                return try Int.fetchAll(
                    database,
                    sql: "SELECT number FROM run WHERE refEvent = ? ORDER BY number",
                    arguments: [event.id]
                ).compactMap(RunNumber.init)
            }
            try database.execute(
                sql: "UPDATE refEvent SET handledAt = ?, verdict = ? WHERE id = ?",
                arguments: [Date().timeIntervalSince1970, verdict, event.id]
            )
            return try runs.map { try Self.insert($0, of: event.repository, event: event.id, database) }
        }
    }

    /// Writes down a run that no ref asked for: by hand, by the clock, again. `actor` is the person, if there is one.
    package func add(_ run: NewRun, of repository: RepositoryID, actor: String? = nil) async throws -> RunNumber {
        try await write { database in
            let number = try Self.insert(run, of: repository, event: nil, database)
            if let actor {
                let detail = "\(run.plan.pipeline) for \(run.plan.event.ref)"
                try Self.note(.runAsked, of: "run \(number)", by: actor, detail: detail, database)
            }
            return number
        }
    }

    /// Gives no number up to this one to a run any more: directories of other origin have them.
    package func reserve(numbersUpTo number: Int) async throws {
        try await write { database in
            let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'run'"
            guard let last = try Int.fetchOne(database, sql: sql) else {
                try database.execute(sql: "INSERT INTO sqlite_sequence VALUES ('run', ?)", arguments: [number])
                return
            }
            guard last < number else { return }
            try database.execute(sql: "UPDATE sqlite_sequence SET seq = ? WHERE name = 'run'", arguments: [number])
        }
    }

    /// pending or waiting → running, with its lock. False where it is not pending any more, or where the lock is held.
    package func start(_ run: RunNumber) async throws -> Bool {
        try await write { database in
            guard let row = try Self.row(run, database), !row.status.isFinished, row.status != .running else {
                return false
            }
            if let lock = row.lockName {
                let holder = "SELECT run FROM lock WHERE name = ?"
                if let holder = try Int.fetchOne(database, sql: holder, arguments: [lock]), holder != run.value {
                    return false
                }
                try database.execute(
                    sql: "INSERT OR REPLACE INTO lock VALUES (?, ?, ?, ?)",
                    arguments: [lock, run.value, "run \(run) of \(row.pipeline)", Date().timeIntervalSince1970]
                )
            }
            try Self.set(run, from: row.status, to: .running, reason: nil, database)
            try database.execute(
                sql: "UPDATE run SET startedAt = coalesce(startedAt, ?) WHERE number = ?",
                arguments: [Date().timeIntervalSince1970, run.value]
            )
            return true
        }
    }

    /// Says why a run that is due does not start.
    package func wait(_ run: RunNumber, because reason: String) async throws {
        try await write { database in
            guard let row = try Self.row(run, database) else { return }
            switch row.status {
            case .pending, .waiting:
                guard row.status != .waiting(reason) else { return }
                try Self.set(run, from: row.status, to: .waiting(reason), reason: reason, database)
            case .running, .finished: return
            }
        }
    }

    /// Takes in what a run's supervisor wrote, up to a byte of its events; nothing for what was taken in before.
    package func take(_ records: [RunRecord], of run: RunNumber, upTo offset: Int64) async throws {
        try await write { database in
            let followed = "SELECT followed FROM run WHERE number = ?"
            guard let reached = try Int64.fetchOne(database, sql: followed, arguments: [run.value]), reached < offset
            else { return }
            for record in records { try Self.take(record, of: run, database) }
            try Self.noteChange(of: run, followed: offset, database)
        }
    }

    /// The end of a run: its outcome, its stages as its result says, its lock given back. Nothing where it has ended.
    package func finish(_ run: RunNumber, with result: RunResult) async throws {
        try await write { database in
            guard let row = try Self.row(run, database), !row.status.isFinished else { return }
            for stage in result.stages { try Self.finish(stage, of: run, database) }
            try Self.end(run, from: row.status, result.outcome, reason: result.reason, database)
        }
    }

    /// The end of a run that never began. Nothing where it runs or has ended.
    package func end(
        _ run: RunNumber,
        _ outcome: Outcome,
        reason: String,
        supersededBy: RunNumber? = nil
    ) async throws -> Bool {
        try await write { database in
            guard let row = try Self.row(run, database), !row.status.isFinished, row.status != .running else {
                return false
            }
            try database.execute(
                sql: "UPDATE run SET supersededBy = ? WHERE number = ?",
                arguments: [supersededBy?.value, run.value]
            )
            try Self.end(run, from: row.status, outcome, reason: reason, database)
            return true
        }
    }

    /// What became of a request to cancel.
    package enum CancelAnswer: Sendable, Hashable {
        /// It had not begun, and has ended now.
        case ended
        /// Its supervisor is to be told.
        case isRunning
        case hadEnded(Outcome)
        case unknown
    }

    /// Asks a run to end. One that has not begun ends here; asking again changes nothing. `actor` is the person who asks,
    /// if it is one.
    package func requestCancel(
        _ run: RunNumber,
        reason: String,
        supersededBy: RunNumber? = nil,
        actor: String? = nil
    ) async throws -> CancelAnswer {
        try await write { database in
            guard let row = try Self.row(run, database) else { return .unknown }
            if let actor, !row.status.isFinished, row.cancelReason == nil {
                try Self.note(.runCanceled, of: "run \(run)", by: actor, detail: reason, database)
            }
            switch row.status {
            case .finished(let outcome): return .hadEnded(outcome)
            case .pending, .waiting:
                try Self.end(run, from: row.status, .canceled, reason: reason, database)
                return .ended
            case .running:
                try Self.noteCancel(of: run, reason: reason, supersededBy: supersededBy, database)
                return .isRunning
            }
        }
    }
}
