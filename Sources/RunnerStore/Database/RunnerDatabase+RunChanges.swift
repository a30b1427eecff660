import FoundationEssentials
import GRDB
import RunnerCore

/// The parts that changes of runs are made of, each within its caller's transaction.
extension RunnerDatabase {
    static let runQuery = """
        SELECT run.*, repository.name AS repositoryName FROM run CROSS JOIN repository ON repository.id = run.repository
        """

    static func row(_ run: RunNumber, _ database: Database) throws -> RunRow? {
        try Row.fetchOne(database, sql: "\(runQuery) WHERE number = ?", arguments: [run.value]).map(RunRow.init)
    }

    static func insert(
        _ new: NewRun,
        of repository: RepositoryID,
        event: Int64?,
        _ database: Database
    ) throws -> RunNumber {
        let plan = new.plan
        let demand = plan.initialDemand
        try database.execute(
            sql: """
                INSERT INTO run (repository, pipeline, refEvent, kind, ref, event, cause, status, priority, lockName,
                    policy, slots, cpu, memory, createdAt, rerunOf, change)
                VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                repository.value, plan.pipeline, event, plan.event.kind.rawValue, plan.event.ref,
                JSON.text(plan.event), new.cause, new.priority.rawValue,
                plan.concurrencyGroup.map { "\(repository.value)/\($0)" }, plan.concurrencyPolicy?.rawValue,
                demand.slots, demand.cpu, demand.memory,
                Date().timeIntervalSince1970, new.rerunOf?.value, nextChange(database),
            ]
        )
        guard let number = RunNumber(Int(database.lastInsertedRowID)) else {
            throw RunnerError(.errored, "cannot add a run", why: "the database gave no number")
        }
        let stages = plan.stages.map { ($0, false) } + plan.finally.map { ($0, true) }
        for (position, (stage, isFinally)) in stages.enumerated() {
            try database.execute(
                sql: "INSERT INTO stageRun (run, position, name, isFinally, status) VALUES (?, ?, ?, ?, 'pending')",
                arguments: [number.value, position, stage.id.description, isFinally]
            )
        }
        if let refusal = new.refusal {
            try end(number, from: .pending, refusal.outcome, reason: refusal.reason, database)
        } else {
            try database.execute(
                sql: "INSERT INTO runPlan VALUES (?, ?, ?)",
                arguments: [number.value, JSON.text(plan), JSON.text(new.selection)]
            )
        }
        return number
    }

    static func set(
        _ run: RunNumber,
        from status: Status,
        to next: Status,
        reason: String?,
        _ database: Database
    ) throws {
        let next = try status.apply(next, to: run)
        try database.execute(
            sql: "UPDATE run SET status = ?, outcome = ?, reason = ?, change = ? WHERE number = ?",
            arguments: [next.column, next.outcomeColumn, reason, nextChange(database), run.value]
        )
    }

    static func end(
        _ run: RunNumber,
        from status: Status,
        _ outcome: Outcome,
        reason: String?,
        _ database: Database
    ) throws {
        // What ended before anybody saw it run has run all the same.
        let hasRun = status == .running || outcome.endsWithoutRunning
        let last = hasRun ? status : try status.apply(.running, to: run)
        try set(run, from: last, to: .finished(outcome), reason: reason, database)
        try database.execute(
            sql: "UPDATE run SET finishedAt = ? WHERE number = ?",
            arguments: [Date().timeIntervalSince1970, run.value]
        )
        try endStages(of: run, outcome, database)
        try database.execute(sql: "DELETE FROM lock WHERE run = ?", arguments: [run.value])
        try database.execute(sql: "DELETE FROM runPlan WHERE run = ?", arguments: [run.value])
    }

    /// Stages that never began share the run's end, or were skipped; what the runner lost sight of is errored.
    private static func endStages(of run: RunNumber, _ outcome: Outcome, _ database: Database) throws {
        let shared = [.canceled, .superseded].contains(outcome) ? outcome : .skipped
        let open = "SELECT position, name, status, outcome, reason FROM stageRun WHERE run = ? AND status <> 'finished'"
        for row in try Row.fetchAll(database, sql: open, arguments: [run.value]) {
            let status = Status(row)
            let end = Status.finished(status == .running ? .errored : shared)
            let next = try status.apply(end, to: StageID(row["name"] as String))
            try database.execute(
                sql: "UPDATE stageRun SET status = ?, outcome = ? WHERE run = ? AND position = ?",
                arguments: [next.column, next.outcomeColumn, run.value, row["position"] as Int]
            )
        }
    }

    static func take(_ record: RunRecord, of run: RunNumber, _ database: Database) throws {
        guard let stage = record.stage else { return }
        switch record.happening {
        case .stageStarted(let attempt):
            guard let status = try status(of: stage, of: run, database), !status.isFinished else { return }
            // Another attempt of what runs is no change of its status.
            let next = status == .running ? status : try status.apply(.running, to: stage)
            try database.execute(
                sql: """
                    UPDATE stageRun SET status = ?, attempt = ?, startedAt = coalesce(startedAt, ?)
                    WHERE run = ? AND name = ?
                    """,
                arguments: [
                    next.column, attempt, record.time.timeIntervalSince1970, run.value, stage.description,
                ]
            )
        case .stageFinished(let result): try finish(result, of: run, database)
        case .deploymentWanted(let wish): try note(wish, of: stage, of: run, database)
        case .runStarted, .stepStarted, .stepFinished, .note, .cancelRequested, .granted, .wants, .runFinished: break
        }
    }

    /// Nothing for a stage that has ended.
    static func finish(_ result: StageResult, of run: RunNumber, _ database: Database) throws {
        guard let status = try status(of: result.stage, of: run, database), !status.isFinished else { return }
        let hasRun = status == .running || result.outcome.endsWithoutRunning
        let last = hasRun ? status : try status.apply(.running, to: result.stage)
        let next = try last.apply(.finished(result.outcome), to: result.stage)
        try database.execute(
            sql: """
                UPDATE stageRun SET status = ?, outcome = ?, reason = ?, attempt = ?, startedAt = ?, seconds = ?,
                    reusedFrom = ? WHERE run = ? AND name = ?
                """,
            arguments: [
                next.column, next.outcomeColumn, result.reason, result.attempt, result.startedAt.timeIntervalSince1970,
                result.seconds, result.reusedFrom?.value, run.value, result.stage.description,
            ]
        )
    }

    /// `nil` for a stage that the run does not have.
    private static func status(of stage: StageID, of run: RunNumber, _ database: Database) throws -> Status? {
        let sql = "SELECT status, outcome, reason FROM stageRun WHERE run = ? AND name = ?"
        return try Row.fetchOne(database, sql: sql, arguments: [run.value, stage.description]).map(Status.init)
    }

    // MARK: - Changes

    private static func nextChange(_ database: Database) throws -> Int64 { try newestChange(database) + 1 }

    /// Also where the run that had it is gone.
    static func newestChange(_ database: Database) throws -> Int64 {
        let known = try setting("lastChange", database).flatMap { Int64($0) } ?? 0
        return max(known, try Int64.fetchOne(database, sql: "SELECT MAX(change) FROM run") ?? 0)
    }

    static func noteChange(of run: RunNumber, followed: Int64, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE run SET followed = ?, change = ? WHERE number = ?",
            arguments: [followed, nextChange(database), run.value]
        )
    }

    static func noteCancel(
        of run: RunNumber,
        reason: String,
        supersededBy: RunNumber?,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE run SET cancelReason = coalesce(cancelReason, ?), supersededBy = coalesce(supersededBy, ?),
                    change = ? WHERE number = ?
                """,
            arguments: [reason, supersededBy?.value, nextChange(database), run.value]
        )
    }
}
