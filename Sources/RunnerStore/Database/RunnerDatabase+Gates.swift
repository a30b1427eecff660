package import FoundationEssentials
import GRDB
import RunnerCore

/// What people and machines say about deployments, and what an environment's past says for them.
extension RunnerDatabase {
    /// Writes down an approval, a signature, an override. Throws where the deployment does not wait for any.
    package func add(_ mark: GateMark) async throws {
        try await write { database in
            guard let row = try Self.deployment(mark.deployment, database) else {
                throw RunnerError(
                    .input,
                    "there is no deployment \(mark.deployment)",
                    hint: "runner history ENVIRONMENT"
                )
            }
            guard row.status == .waiting else {
                throw RunnerError(
                    .input,
                    "cannot answer for deployment \(mark.deployment)",
                    why: "it waits for nobody: it is \(row.isFinished ? "over" : "under way")"
                )
            }
            try database.execute(
                sql: """
                    INSERT INTO gateMark (deployment, kind, subject, actor, role, reason, isGood, planHash, at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    mark.deployment, mark.kind.rawValue, mark.subject, mark.actor, mark.role?.rawValue ?? "",
                    mark.reason, mark.isGood, mark.planHash, mark.at.timeIntervalSince1970,
                ]
            )
            guard mark.kind != .checked else { return }
            let what = [mark.kind.rawValue, mark.subject].filter { !$0.isEmpty }.joined(separator: " ")
            try Self.event(mark.deployment, mark.kind.rawValue, "\(what) by \(mark.actor)", database)
            try Self.note(
                .gateAnswered,
                of: "deployment \(mark.deployment)",
                by: mark.actor,
                detail: "\(what), plan \(mark.planHash.prefix(12))" + (mark.reason.isEmpty ? "" : ": \(mark.reason)"),
                database
            )
        }
    }

    package func marks(of deployment: Int64) async throws -> [GateMark] {
        try await read { database in
            let sql = "SELECT * FROM gateMark WHERE deployment = ? ORDER BY id"
            return try Row.fetchAll(database, sql: sql, arguments: [deployment]).map { row in
                GateMark(
                    id: row["id"],
                    deployment: row["deployment"],
                    kind: GateMark.Kind(rawValue: row["kind"]) ?? .rejected,
                    subject: row["subject"],
                    actor: row["actor"],
                    role: Role(rawValue: row["role"]),
                    reason: row["reason"],
                    isGood: row["isGood"],
                    planHash: row["planHash"],
                    at: Date(timeIntervalSince1970: row["at"])
                )
            }
        }
    }

    // MARK: - Freezes

    package func freeze(_ environment: String, until: Date?, reason: String, actor: String) async throws {
        try await write { database in
            try database.execute(
                sql: "INSERT INTO freeze (environment, until, reason, actor, at) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    environment, until?.timeIntervalSince1970, reason, actor, Date().timeIntervalSince1970,
                ]
            )
            try Self.note(.frozen, of: environment, by: actor, detail: reason, database)
        }
    }

    /// Lifts every freeze that a person began. How many there were.
    package func unfreeze(_ environment: String, reason: String, actor: String) async throws -> Int {
        try await write { database in
            try database.execute(
                sql: "UPDATE freeze SET liftedAt = ? WHERE environment = ? AND liftedAt IS NULL",
                arguments: [Date().timeIntervalSince1970, environment]
            )
            let count = database.changesCount
            if count > 0 { try Self.note(.unfrozen, of: environment, by: actor, detail: reason, database) }
            return count
        }
    }

    /// Those that hold at a time.
    package func freezes(of environment: String, at date: Date = Date()) async throws -> [FreezeRow] {
        try await read { database in
            let sql = """
                SELECT * FROM freeze WHERE environment = ? AND liftedAt IS NULL AND (until IS NULL OR until > ?) ORDER BY id
                """
            return try Row.fetchAll(database, sql: sql, arguments: [environment, date.timeIntervalSince1970]).map {
                row in
                FreezeRow(
                    id: row["id"],
                    environment: row["environment"],
                    until: (row["until"] as Double?).map(Date.init(timeIntervalSince1970:)),
                    reason: row["reason"],
                    actor: row["actor"],
                    at: Date(timeIntervalSince1970: row["at"])
                )
            }
        }
    }

    // MARK: - Health over time

    /// Goes on with the last span where that says the same and is not older than `gap`; else begins another: a time in which
    /// nobody looked is no healthy time.
    package func noteHealth(
        of environment: String,
        release: Int64,
        isHealthy: Bool,
        detail: String,
        gap: Duration,
        at now: Date = Date()
    ) async throws {
        try await write { database in
            let sql = "SELECT * FROM healthSpan WHERE environment = ? AND release = ? ORDER BY id DESC LIMIT 1"
            let last = try Row.fetchOne(database, sql: sql, arguments: [environment, release])
            let time = now.timeIntervalSince1970
            if let last, (last["isHealthy"] as Bool) == isHealthy, time >= last["until"],
                time - (last["until"] as Double) <= Double(gap.components.seconds)
            {
                try database.execute(
                    sql: "UPDATE healthSpan SET until = ?, detail = ? WHERE id = ?",
                    arguments: [time, detail, last["id"] as Int64]
                )
                return
            }
            try database.execute(
                sql: """
                    INSERT INTO healthSpan (environment, release, since, until, isHealthy, detail) VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [environment, release, time, time, isHealthy, detail]
            )
        }
    }

    /// Of every release with this artifact, whatever it is called; of this one alone where it has none.
    package func healthSpans(of environment: String, like release: ReleaseRow) async throws -> [HealthSpan] {
        try await read { database in
            let sql = """
                SELECT healthSpan.* FROM healthSpan JOIN release ON release.id = healthSpan.release
                WHERE environment = ? AND tree = ? AND artifactDigest = ? AND repository = ? ORDER BY healthSpan.id
                """
            let arguments: StatementArguments = [
                environment, release.tree, release.artifactDigest, release.repository,
            ]
            return try Row.fetchAll(database, sql: sql, arguments: arguments).map { row in
                HealthSpan(
                    since: Date(timeIntervalSince1970: row["since"]),
                    until: Date(timeIntervalSince1970: row["until"]),
                    isHealthy: row["isHealthy"],
                    detail: row["detail"]
                )
            }
        }
    }

    package func lastHealth(of environment: String) async throws -> HealthSpan? {
        try await read { database in
            let sql = "SELECT * FROM healthSpan WHERE environment = ? ORDER BY id DESC LIMIT 1"
            return try Row.fetchOne(database, sql: sql, arguments: [environment]).map { row in
                HealthSpan(
                    since: Date(timeIntervalSince1970: row["since"]),
                    until: Date(timeIntervalSince1970: row["until"]),
                    isHealthy: row["isHealthy"],
                    detail: row["detail"]
                )
            }
        }
    }
}
