package import FoundationEssentials
import GRDB
package import RunnerCore

/// Deployments from the wish to the end. Each function is one transaction.
extension RunnerDatabase {
    /// A wish of a run's stage that no deployment answers yet.
    package struct OpenWish: Sendable {
        package let run: RunNumber
        package let stage: StageID
        package let wish: DeployWish
    }

    package func openWishes() async throws -> [OpenWish] {
        try await read { database in
            let sql = "SELECT run, stage, wish FROM deployWish WHERE handledAt IS NULL ORDER BY at"
            return try Row.fetchAll(database, sql: sql).compactMap { row in
                guard let run = RunNumber(row["run"]) else { return nil }
                return OpenWish(
                    run: run,
                    stage: StageID(row["stage"] as String),
                    wish: try JSON.value(DeployWish.self, row["wish"])
                )
            }
        }
    }

    /// No deployment comes of it: its stage has its answer.
    package func close(_ wish: OpenWish) async throws {
        try await write { try Self.close(run: wish.run, stage: wish.stage, $0) }
    }

    /// Writes a deployment down, with its release; one that waits for the same environment and branch gives way. A wish is
    /// answered once, whatever dies in between.
    package func add(_ new: NewDeployment) async throws -> Int64 {
        try await write { database in
            if let run = new.run, let stage = new.stage {
                let known = "SELECT id FROM deployment WHERE run = ? AND stage = ?"
                let arguments: StatementArguments = [run.value, stage.description]
                if let id = try Int64.fetchOne(database, sql: known, arguments: arguments) { return id }
                try Self.close(run: run, stage: stage, database)
            }
            let release = try Self.insert(new.release, database)
            let now = Date().timeIntervalSince1970
            try database.execute(
                sql: """
                    INSERT INTO deployment (environment, release, kind, askedBy, askedAt, run, stage, definition, plan,
                        planHash, status, change) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)
                    """,
                arguments: [
                    new.environment, release, new.kind.rawValue, new.askedBy, now, new.run?.value,
                    new.stage?.description, new.definition, new.plan, new.planHash, Self.nextDeployChange(database),
                ]
            )
            let id = database.lastInsertedRowID
            try Self.supersede(before: id, new, database)
            try Self.note(
                .deploymentAsked,
                of: "deployment \(id)",
                by: new.askedBy,
                detail:
                    "\(new.kind.rawValue) of \(new.release.version) to \(new.environment), plan \(new.planHash.prefix(12))",
                database
            )
            return id
        }
    }

    /// waiting → running. False where another one has the environment, or this one does not wait.
    package func begin(
        _ deployment: Int64,
        rollout: String,
        previous: Int64?,
        actor: String = itself
    ) async throws -> Bool {
        try await write { database in
            guard let row = try Self.deployment(deployment, database), row.status == .waiting else { return false }
            let busy = """
                SELECT 1 FROM deployment WHERE environment = ? AND status IN ('running', 'paused') LIMIT 1
                """
            guard try Bool.fetchOne(database, sql: busy, arguments: [row.environment]) == nil else { return false }
            try database.execute(
                sql: """
                    UPDATE deployment SET status = 'running', reason = NULL, nextAt = NULL, rollout = ?, previous = ?,
                        startedAt = ?, change = ? WHERE id = ?
                    """,
                arguments: [
                    rollout, previous, Date().timeIntervalSince1970, Self.nextDeployChange(database), deployment,
                ]
            )
            try Self.event(deployment, "begun", "rollout of \(row.release.version) to \(row.environment)", database)
            try Self.note(
                .deploymentBegun,
                of: "deployment \(deployment)",
                by: actor,
                detail: "\(row.kind.rawValue) of \(row.release.version) to \(row.environment)",
                database
            )
            return true
        }
    }

    /// The state of a rollout after a change, with the places as they are then, and what there is to tell.
    package func save(
        _ deployment: Int64,
        status: DeploymentRow.Status,
        rollout: String,
        places: [PlaceRow],
        reason: String? = nil,
        event: (kind: String, text: String)
    ) async throws {
        try await write { database in
            guard let row = try Self.deployment(deployment, database), !row.isFinished else { return }
            try database.execute(
                sql: "UPDATE deployment SET status = ?, rollout = ?, reason = ?, change = ? WHERE id = ?",
                arguments: [status.column, rollout, reason, Self.nextDeployChange(database), deployment]
            )
            try Self.put(places, of: row.environment, database)
            try Self.event(deployment, event.kind, event.text, database)
        }
    }

    /// The end of a deployment. `isLive` says that its release is what the environment has from now on.
    package func finish(
        _ deployment: Int64,
        _ outcome: Outcome,
        reason: String?,
        isLive: Bool,
        rollout: String? = nil,
        places: [PlaceRow] = []
    ) async throws {
        try await write { database in
            guard let row = try Self.deployment(deployment, database), !row.isFinished else { return }
            let now = Date().timeIntervalSince1970
            try database.execute(
                sql: """
                    UPDATE deployment SET status = 'finished', outcome = ?, reason = ?, finishedAt = ?, nextAt = NULL,
                        liveAt = ?, rollout = coalesce(?, rollout), change = ? WHERE id = ?
                    """,
                arguments: [
                    outcome.rawValue, reason, now, isLive ? now : nil, rollout, Self.nextDeployChange(database),
                    deployment,
                ]
            )
            try Self.put(places, of: row.environment, database)
            if isLive {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO live VALUES (?, ?, ?, ?)",
                    arguments: [row.environment, row.release.id, deployment, now]
                )
            }
            let words = isLive ? "\(row.release.version) is live" : reason ?? outcome.words
            try Self.event(
                deployment,
                isLive ? "live" : "ended",
                isLive ? words : "\(outcome.words): \(words)",
                database
            )
            try Self.note(
                .deploymentEnded,
                of: "deployment \(deployment)",
                by: Self.itself,
                detail: "\(row.release.version) to \(row.environment): \(outcome.words)"
                    + (reason.map { ": \($0)" } ?? ""),
                database
            )
        }
    }

    /// Why it does not begin, and when that may change by itself. The stage that waits for it says so, too.
    package func wait(_ deployment: Int64, because reason: String, until next: Date?) async throws {
        try await write { database in
            guard let row = try Self.deployment(deployment, database), row.status == .waiting else { return }
            guard row.reason != reason || row.nextAt != next else { return }
            try database.execute(
                sql: "UPDATE deployment SET reason = ?, nextAt = ?, change = ? WHERE id = ?",
                arguments: [reason, next?.timeIntervalSince1970, Self.nextDeployChange(database), deployment]
            )
            guard row.reason != reason else { return }
            try Self.event(deployment, "gates", reason, database)
            guard let run = row.run, let stage = row.stage else { return }
            try database.execute(
                sql: "UPDATE stageRun SET reason = ? WHERE run = ? AND name = ? AND status = 'waiting'",
                arguments: [reason, run.value, stage.description]
            )
        }
    }

    /// Asks one to end: what waits ends here, what runs is to be taken back. `nil` where there is none, or it has ended.
    package func cancelDeployment(_ id: Int64, reason: String, actor: String) async throws -> DeploymentRow.Status? {
        try await write { database in
            guard let row = try Self.deployment(id, database), !row.isFinished else { return nil }
            guard row.cancelReason == nil else { return row.status }
            try database.execute(
                sql: "UPDATE deployment SET cancelReason = ?, change = ? WHERE id = ?",
                arguments: [reason, Self.nextDeployChange(database), id]
            )
            try Self.note(.deploymentCanceled, of: "deployment \(id)", by: actor, detail: reason, database)
            guard row.status == .waiting else { return row.status }
            try Self.end(id, .canceled, reason: reason, database)
            return .waiting
        }
    }

    /// Another plan for one that waits; what it is then.
    package func replan(
        _ deployment: Int64,
        definition: String,
        plan: String,
        hash: String
    ) async throws -> DeploymentRow? {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE deployment SET definition = ?, plan = ?, planHash = ?, change = ?
                    WHERE id = ? AND status = 'waiting'
                    """,
                arguments: [definition, plan, hash, Self.nextDeployChange(database), deployment]
            )
            try Self.event(deployment, "plan", "another plan: \(hash.prefix(12))", database)
            return try Self.deployment(deployment, database)
        }
    }

    /// Ended deployments whose stage has not been told.
    package func unanswered() async throws -> [DeploymentRow] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "\(Self.deploymentQuery) WHERE isAnswered = 0 AND status = 'finished' ORDER BY deployment.id"
            ).map(DeploymentRow.init)
        }
    }

    package func noteAnswered(_ deployment: Int64) async throws {
        try await write {
            try $0.execute(sql: "UPDATE deployment SET isAnswered = 1 WHERE id = ?", arguments: [deployment])
        }
    }

    package func note(_ text: String, kind: String, of deployment: Int64) async throws {
        try await write { try Self.event(deployment, kind, text, $0) }
    }

    // MARK: - Parts, each within its caller's transaction

    /// Within the transaction that takes a run's records in.
    static func note(_ wish: DeployWish, of stage: StageID, of run: RunNumber, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO deployWish (run, stage, wish, at) VALUES (?, ?, ?, ?)",
            arguments: [run.value, stage.description, JSON.text(wish), Date().timeIntervalSince1970]
        )
        try database.execute(
            sql: "UPDATE stageRun SET status = 'waiting', reason = ? WHERE run = ? AND name = ? AND status = 'pending'",
            arguments: ["for environment \(wish.environment)", run.value, stage.description]
        )
    }

    private static func close(run: RunNumber, stage: StageID, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE deployWish SET handledAt = ? WHERE run = ? AND stage = ?",
            arguments: [Date().timeIntervalSince1970, run.value, stage.description]
        )
    }

    static func insert(_ release: ReleaseRow, _ database: Database) throws -> Int64 {
        let key: StatementArguments = [
            release.repository, release.version, release.commit, release.artifactDigest,
        ]
        let known = """
            SELECT id FROM release
            WHERE repository = ? AND version = ? AND commitID = ? AND artifactDigest = ?
            """
        if let id = try Int64.fetchOne(database, sql: known, arguments: key) { return id }
        try database.execute(
            sql: """
                INSERT INTO release (repository, version, ref, commitID, tree, author, artifactName, artifactDigest, run,
                    createdAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                release.repository, release.version, release.ref, release.commit, release.tree, release.author,
                release.artifactName, release.artifactDigest, release.run?.value,
                release.createdAt.timeIntervalSince1970,
            ]
        )
        return database.lastInsertedRowID
    }

    /// A newer push to a branch takes the place of one that still waits; tags wait each for themselves.
    private static func supersede(before id: Int64, _ new: NewDeployment, _ database: Database) throws {
        guard new.kind == .deploy, new.release.ref.hasPrefix("refs/heads/") else { return }
        let older = """
            SELECT deployment.id FROM deployment JOIN release ON release.id = deployment.release
            WHERE environment = ? AND status = 'waiting' AND kind = 'deploy' AND deployment.id < ?
                AND release.repository = ? AND release.ref = ?
            """
        let arguments: StatementArguments = [new.environment, id, new.release.repository, new.release.ref]
        for other in try Int64.fetchAll(database, sql: older, arguments: arguments) {
            try database.execute(sql: "UPDATE deployment SET supersededBy = ? WHERE id = ?", arguments: [id, other])
            try end(other, .superseded, reason: "deployment \(id) took its place", database)
        }
    }

    private static func end(_ id: Int64, _ outcome: Outcome, reason: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE deployment SET status = 'finished', outcome = ?, reason = ?, finishedAt = ?, nextAt = NULL, change = ?
                WHERE id = ?
                """,
            arguments: [outcome.rawValue, reason, Date().timeIntervalSince1970, nextDeployChange(database), id]
        )
        try event(id, outcome.rawValue, reason, database)
    }

    static func put(_ places: [PlaceRow], of environment: String, _ database: Database) throws {
        for place in places {
            try database.execute(
                sql: "INSERT OR REPLACE INTO deployPlace VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    environment, place.target, place.slot, place.place, place.retireAt?.timeIntervalSince1970,
                ]
            )
        }
    }

    static func event(_ deployment: Int64, _ kind: String, _ text: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO deploymentEvent (deployment, at, kind, text) VALUES (?, ?, ?, ?)",
            arguments: [deployment, Date().timeIntervalSince1970, kind, text]
        )
    }

    static func nextDeployChange(_ database: Database) throws -> Int64 {
        (try Int64.fetchOne(database, sql: "SELECT MAX(change) FROM deployment") ?? 0) + 1
    }
}
