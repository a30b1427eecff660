package import FoundationEssentials
import GRDB
package import RunnerCore

/// What a run holds so that others of its group wait.
package struct LockRow: Sendable, Hashable {
    package var name: String
    package var run: RunNumber
    package var reason: String
    package var takenAt: Date
}

extension RunnerDatabase {
    package func locks() async throws -> [LockRow] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM lock ORDER BY name").compactMap { row in
                RunNumber(row["run"]).map {
                    LockRow(
                        name: row["name"],
                        run: $0,
                        reason: row["reason"],
                        takenAt: Date(timeIntervalSince1970: row["takenAt"])
                    )
                }
            }
        }
    }

    /// Takes a lock away from its holder, which goes on without it. False where nobody holds it.
    package func breakLock(_ name: String, reason: String = "", actor: String = itself) async throws -> Bool {
        try await write { database in
            let holder = "DELETE FROM lock WHERE name = ? RETURNING run"
            guard let holder = try Int.fetchAll(database, sql: holder, arguments: [name]).first else { return false }
            let detail = "held by run \(holder)" + (reason.isEmpty ? "" : ": \(reason)")
            try Self.note(.lockBroken, of: name, by: actor, detail: detail, database)
            return true
        }
    }

    /// Runs that have not begun, the oldest first, with what their first stages would take.
    package func candidates() async throws -> [RunQueue.Candidate] {
        try await read { database in
            let sql = """
                SELECT number, repository, priority, lockName, policy, createdAt, slots, cpu, memory FROM run
                WHERE status IN ('pending', 'waiting') AND status <> 'finished' ORDER BY number
                """
            return try Row.fetchAll(database, sql: sql).compactMap { row in
                RunNumber(row["number"]).map { number in
                    RunQueue.Candidate(
                        number: number,
                        repository: String(row["repository"] as Int64),
                        priority: RunPriority(rawValue: row["priority"]) ?? .other,
                        lockName: row["lockName"],
                        policy: (row["policy"] as String?).flatMap(Concurrency.Policy.init),
                        createdAt: Date(timeIntervalSince1970: row["createdAt"]),
                        demand: Grant(slots: row["slots"], cpu: row["cpu"], memory: row["memory"])
                    )
                }
            }
        }
    }
}

extension RunnerDatabase {
    /// As candidates name them: those of which a ref has moved after `time` that nobody has planned yet.
    package func unplannedRepositories(seenAfter time: Date) async throws -> Set<String> {
        try await read { database in
            let sql = "SELECT DISTINCT repository FROM refEvent WHERE handledAt IS NULL AND seenAt > ?"
            let ids = try Int64.fetchAll(database, sql: sql, arguments: [time.timeIntervalSince1970])
            return Set(ids.map(String.init))
        }
    }

    /// Ends the runs of a ref that have not begun.
    package func cancelPending(of repository: RepositoryID, ref: String, reason: String) async throws {
        let waiting = try await read { database in
            try Int.fetchAll(
                database,
                sql: "SELECT number FROM run WHERE repository = ? AND ref = ? AND status IN ('pending', 'waiting')",
                arguments: [repository.value, ref]
            ).compactMap(RunNumber.init)
        }
        for run in waiting { _ = try await end(run, .canceled, reason: reason) }
    }
}
