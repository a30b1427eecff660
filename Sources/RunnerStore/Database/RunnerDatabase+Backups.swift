package import FoundationEssentials
import GRDB
import RunnerCore

/// What was done to the data of environments.
extension RunnerDatabase {
    package func add(_ backup: BackupRow) async throws -> Int64 {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO backup (environment, cause, handle, isFile, bytes, digest, seconds, createdAt)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    backup.environment, backup.cause, backup.handle, backup.isFile, backup.bytes, backup.digest,
                    backup.seconds, backup.createdAt.timeIntervalSince1970,
                ]
            )
            let id = database.lastInsertedRowID
            try Self.note(
                .backupMade,
                of: backup.environment,
                by: Self.itself,
                detail: "backup \(id), \(backup.cause)",
                database
            )
            return id
        }
    }

    /// Those that are still there, the newest first.
    package func backups(of environment: String) async throws -> [BackupRow] {
        try await read { database in
            let sql =
                "SELECT * FROM backup WHERE environment = ? AND removedAt IS NULL ORDER BY createdAt DESC, id DESC"
            return try Row.fetchAll(database, sql: sql, arguments: [environment]).map(BackupRow.init)
        }
    }

    package func backup(_ id: Int64) async throws -> BackupRow? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM backup WHERE id = ?", arguments: [id]).map(BackupRow.init)
        }
    }

    /// What restoring it into a scratch database showed.
    package func noteVerified(_ backup: Int64, problem: String?) async throws {
        try await write {
            try $0.execute(
                sql: "UPDATE backup SET verifiedAt = ?, verifyProblem = ? WHERE id = ?",
                arguments: [problem == nil ? Date().timeIntervalSince1970 : nil, problem, backup]
            )
        }
    }

    package func noteRemoved(_ backup: Int64) async throws {
        try await write {
            try $0.execute(
                sql: "UPDATE backup SET removedAt = ? WHERE id = ?",
                arguments: [Date().timeIntervalSince1970, backup]
            )
        }
    }

    package func noteRestored(_ backup: BackupRow, actor: String, reason: String) async throws {
        try await write {
            try Self.note(
                .backupRestored,
                of: backup.environment,
                by: actor,
                detail: "backup \(backup.id): \(reason)",
                $0
            )
        }
    }

    // MARK: - Migrations

    package func add(_ migration: MigrationRow, of environment: String) async throws {
        try await write {
            try $0.execute(
                sql: """
                    INSERT INTO migrationRun (environment, deployment, migration, checksum, kind, isReversible, isBack, seconds,
                        at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    environment, migration.deployment, migration.migration, migration.checksum, migration.kind,
                    migration.isReversible, migration.isBack, migration.seconds, migration.at.timeIntervalSince1970,
                ]
            )
        }
    }

    /// What was done to an environment's schema, the newest first.
    package func migrations(of environment: String, since deployment: Int64 = 0) async throws -> [MigrationRow] {
        try await read { database in
            let sql = "SELECT * FROM migrationRun WHERE environment = ? AND deployment > ? ORDER BY id DESC"
            return try Row.fetchAll(database, sql: sql, arguments: [environment, deployment]).map { row in
                MigrationRow(
                    migration: row["migration"],
                    checksum: row["checksum"],
                    kind: row["kind"],
                    isReversible: row["isReversible"],
                    isBack: row["isBack"],
                    seconds: row["seconds"],
                    deployment: row["deployment"],
                    at: Date(timeIntervalSince1970: row["at"])
                )
            }
        }
    }

    /// How long a migration took elsewhere, the last time.
    package func durations(
        of migration: String,
        besides environment: String
    ) async throws -> [(environment: String, seconds: Double)] {
        try await read { database in
            let sql = """
                SELECT environment, seconds, MAX(id) FROM migrationRun
                WHERE migration = ? AND environment <> ? AND isBack = 0 GROUP BY environment ORDER BY environment
                """
            return try Row.fetchAll(database, sql: sql, arguments: [migration, environment]).map {
                (environment: $0["environment"], seconds: $0["seconds"])
            }
        }
    }

    // MARK: - Clocks

    /// When something that the clock asks for was last done.
    package func clockMark(_ name: String) async throws -> Date? {
        try await read { database in
            try Double.fetchOne(database, sql: "SELECT at FROM clockMark WHERE name = ?", arguments: [name])
                .map(Date.init(timeIntervalSince1970:))
        }
    }

    package func setClockMark(_ name: String, to date: Date) async throws {
        try await write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO clockMark VALUES (?, ?)",
                arguments: [name, date.timeIntervalSince1970]
            )
        }
    }
}

extension BackupRow {
    fileprivate init(_ row: Row) {
        self.init(
            id: row["id"],
            environment: row["environment"],
            cause: row["cause"],
            handle: row["handle"],
            isFile: row["isFile"],
            bytes: row["bytes"],
            digest: row["digest"],
            seconds: row["seconds"],
            createdAt: Date(timeIntervalSince1970: row["createdAt"])
        )
        verifiedAt = (row["verifiedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
        verifyProblem = row["verifyProblem"]
        removedAt = (row["removedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
    }
}
