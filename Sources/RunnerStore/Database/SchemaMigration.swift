import GRDB
import RunnerCore

/// Brings a database from one version of its form to another. The way back of each step is kept in the database itself, so
/// that an older runner can undo what a newer one did.
enum SchemaMigration {
    /// Within the caller's transaction.
    static func toNewest(_ database: Database) throws {
        try database.execute(
            sql: "CREATE TABLE IF NOT EXISTS schemaStep (version INTEGER PRIMARY KEY, down TEXT NOT NULL) STRICT"
        )
        let present = try version(of: database)
        guard present <= newest else {
            throw RunnerError(
                .errored,
                "cannot open the database",
                why: "a newer runner wrote it: its form is version \(present), this runner knows \(newest)",
                hint: "use the newer runner, or go back with this one: `runner state downgrade`"
            )
        }
        for step in Schema.steps where step.version > present {
            try database.execute(sql: step.up)
            try database.execute(sql: "INSERT INTO schemaStep VALUES (?, ?)", arguments: [step.version, step.down])
        }
    }

    /// Undoes every step after a version, with what the database itself says of the way.
    static func back(to version: Int, _ database: Database) throws {
        let sql = "SELECT version, down FROM schemaStep WHERE version > ? ORDER BY version DESC"
        for row in try Row.fetchAll(database, sql: sql, arguments: [version]) {
            try database.execute(sql: row["down"])
            try database.execute(sql: "DELETE FROM schemaStep WHERE version = ?", arguments: [row["version"] as Int])
        }
    }

    /// The form that this runner writes.
    static var newest: Int { Schema.steps.last?.version ?? 0 }

    static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT MAX(version) FROM schemaStep") ?? 0
    }
}
