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
}
