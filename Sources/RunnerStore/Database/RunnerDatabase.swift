import FoundationEssentials
import GRDB
package import SystemPackage

/// What the daemon must not lose, in one SQLite file. Every change of state is one transaction.
package struct RunnerDatabase: Sendable {
    package let path: FilePath
    let pool: DatabasePool

    /// Opens the database, makes it where there is none, and brings it to this runner's version.
    package init(at path: FilePath) throws {
        self.path = path
        var configuration = Configuration()
        configuration.maximumReaderCount = 3
        configuration.busyMode = .timeout(5)
        configuration.label = "runner.db"
        configuration.prepareDatabase { database in
            // Small caches: lists read few pages, and the daemon's memory is not theirs.
            try database.execute(sql: "PRAGMA cache_size = -1024")
        }
        pool = try DatabasePool(path: path.string, configuration: configuration)
        // GRDB sets NORMAL when it opens; a power cut would then undo what people were told.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try pool.write { try SchemaMigration.toNewest($0) }
    }

    package func close() throws { try pool.close() }

    /// Settings: `drained` and the like.
    package func setting(_ name: String) async throws -> String? {
        try await pool.read { try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) }
    }

    package func set(_ name: String, to value: String?) async throws {
        try await pool.write { database in
            guard let value else {
                try database.execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [name])
                return
            }
            try database.execute(
                sql: "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                arguments: [name, value]
            )
        }
    }
}
