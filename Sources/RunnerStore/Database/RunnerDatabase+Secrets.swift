import FoundationEssentials
import GRDB
import RunnerCore

/// Sealed values, who made them, and who got them. What is sealed with which key is `SecretStore`'s to know.
extension RunnerDatabase {
    /// A value as it lies here.
    struct SealedSecret: Sendable {
        var place: SealedPlace
        var sealed: Data
        var keyID: String
    }

    /// The newest version of each secret, by name and environment.
    package func secrets() async throws -> [SecretRow] {
        try await read { database in
            let sql = """
                SELECT secret.*, (
                    SELECT MAX(at) FROM secretUse
                    WHERE secretUse.name = secret.name AND secretUse.environment = secret.environment
                ) AS usedAt
                FROM secret WHERE sealed IS NOT NULL ORDER BY name, environment
                """
            return try Row.fetchAll(database, sql: sql).map(SecretRow.init)
        }
    }

    /// Uses of one secret or of all, the newest first.
    package func secretUses(of name: String? = nil, limit: Int = 100) async throws -> [SecretUse] {
        try await read { database in
            let sql = "SELECT * FROM secretUse WHERE ? IS NULL OR name = ? ORDER BY id DESC LIMIT ?"
            let limit = max(1, min(limit, 1000))
            return try Row.fetchAll(database, sql: sql, arguments: [name, name, limit]).compactMap(SecretUse.init)
        }
    }

    /// Before anybody gets a value: what is not written down is not released.
    package func note(_ uses: [SecretUse]) async throws {
        guard !uses.isEmpty else { return }
        try await write { database in
            for use in uses {
                try database.execute(
                    sql: """
                        INSERT INTO secretUse (at, run, repository, ref, stage, name, environment, version)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        use.at.timeIntervalSince1970, use.run.value, use.repository, use.ref, use.stage.description,
                        use.name, use.environment ?? "", use.version,
                    ]
                )
            }
        }
    }

    /// Everything that is sealed.
    func sealedSecrets() async throws -> [SealedSecret] { try await read { try Self.sealedSecrets($0) } }

    /// A new version of a secret. `seal` gets the place that it will have. The values before it are forgotten.
    func addSecret(
        _ name: String,
        environment: String?,
        actor: String,
        _ seal: @escaping @Sendable (SealedPlace) throws -> (sealed: Data, keyID: String)
    ) async throws -> SecretRow {
        try await write { database in
            let key: StatementArguments = [name, environment ?? ""]
            try database.execute(
                sql: """
                    INSERT INTO secretCount VALUES (?, ?, 1)
                    ON CONFLICT (name, environment) DO UPDATE SET versions = versions + 1
                    """,
                arguments: key
            )
            let count = "SELECT versions FROM secretCount WHERE name = ? AND environment = ?"
            let version = try Int.fetchOne(database, sql: count, arguments: key) ?? 1
            let (sealed, keyID) = try seal(SealedPlace(name: name, environment: environment ?? "", version: version))
            try database.execute(
                sql: "UPDATE secret SET sealed = NULL, keyID = NULL WHERE name = ? AND environment = ?",
                arguments: key
            )
            let isFirst = database.changesCount == 0
            let now = Date()
            try database.execute(
                sql: "INSERT INTO secret VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [name, environment ?? "", version, sealed, keyID, now.timeIntervalSince1970, actor]
            )
            try Self.note(
                isFirst ? .secretSet : .secretRotated,
                of: name,
                by: actor,
                detail: Self.words(environment, "version \(version)"),
                database
            )
            return SecretRow(
                name: name,
                environment: environment,
                version: version,
                createdAt: now,
                createdBy: actor
            )
        }
    }

    /// Removes a secret with all its versions: of one environment, or of all where that is `nil`. How many there were.
    package func removeSecret(_ name: String, environment: String?, actor: String) async throws -> Int {
        try await write { database in
            let sql = "FROM secret WHERE name = ? AND (? IS NULL OR environment = ?)"
            let key: StatementArguments = [name, environment, environment]
            let count = try Int.fetchOne(
                database,
                sql: "SELECT COUNT(DISTINCT environment) \(sql)",
                arguments: key
            )
            guard let count, count > 0 else { return 0 }
            try database.execute(sql: "DELETE \(sql)", arguments: key)
            try Self.note(.secretRemoved, of: name, by: actor, detail: Self.words(environment, ""), database)
            return count
        }
    }

    /// Seals everything anew, all of it or nothing. `seal` gets each value as it lies here.
    func resealSecrets(
        actor: String,
        detail: String,
        _ seal: @escaping @Sendable (SealedSecret) throws -> (sealed: Data, keyID: String)
    ) async throws -> Int {
        try await write { database in
            let all = try Self.sealedSecrets(database)
            for secret in all {
                let (sealed, keyID) = try seal(secret)
                try database.execute(
                    sql: "UPDATE secret SET sealed = ?, keyID = ? WHERE name = ? AND environment = ? AND version = ?",
                    arguments: [sealed, keyID, secret.place.name, secret.place.environment, secret.place.version]
                )
            }
            try Self.note(.secretRekeyed, of: "secrets", by: actor, detail: detail, database)
            return all.count
        }
    }

    private static func sealedSecrets(_ database: Database) throws -> [SealedSecret] {
        let sql = "SELECT * FROM secret WHERE sealed IS NOT NULL ORDER BY name, environment"
        return try Row.fetchAll(database, sql: sql).map { row in
            let place = SealedPlace(name: row["name"], environment: row["environment"], version: row["version"])
            return SealedSecret(place: place, sealed: row["sealed"], keyID: row["keyID"])
        }
    }

    private static func words(_ environment: String?, _ rest: String) -> String {
        [environment.map { "environment \($0)" }, rest.isEmpty ? nil : rest].compactMap(\.self).joined(separator: ", ")
    }
}

extension SecretRow {
    fileprivate init(_ row: Row) {
        let environment: String = row["environment"]
        self.init(
            name: row["name"],
            environment: environment.isEmpty ? nil : environment,
            version: row["version"],
            createdAt: Date(timeIntervalSince1970: row["createdAt"]),
            createdBy: row["createdBy"],
            usedAt: (row["usedAt"] as Double?).map(Date.init(timeIntervalSince1970:))
        )
    }
}

extension SecretUse {
    /// `nil` for a number that no run has.
    fileprivate init?(_ row: Row) {
        guard let run = RunNumber(row["run"]) else { return nil }
        let environment: String = row["environment"]
        self.init(
            at: Date(timeIntervalSince1970: row["at"]),
            run: run,
            repository: row["repository"],
            ref: row["ref"],
            stage: StageID(row["stage"] as String),
            name: row["name"],
            environment: environment.isEmpty ? nil : environment,
            version: row["version"]
        )
    }
}
