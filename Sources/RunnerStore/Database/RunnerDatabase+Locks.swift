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
        try await pool.read { database in
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
    package func breakLock(_ name: String) async throws -> Bool {
        try await pool.write { database in
            try database.execute(sql: "DELETE FROM lock WHERE name = ?", arguments: [name])
            return database.changesCount > 0
        }
    }
}
