import FoundationEssentials
import GRDB
import Git
package import RunnerCore

extension RunnerDatabase {
    /// Those that are watched, by name.
    package func repositories() async throws -> [RepositoryRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM repository WHERE removedAt IS NULL ORDER BY name")
                .map(RepositoryRecord.init)
        }
    }

    package func repository(named name: String) async throws -> RepositoryRecord? {
        try await repositories().first { $0.name == name }
    }

    /// Adds a repository or changes its definition. One that was removed and comes back is seen for the first time again.
    @discardableResult
    package func put(
        _ definition: RepositoryDefinition,
        origin: RepositoryRecord.Origin,
        actor: String = itself
    ) async throws -> RepositoryRecord {
        let json = try JSON.text(definition)
        return try await write { database in
            let sql = "SELECT * FROM repository WHERE name = ?"
            if let row = try Row.fetchOne(database, sql: sql, arguments: [definition.name]) {
                let isBack = (row["removedAt"] as Double?) != nil
                let known = try RepositoryRecord(row).definition
                let isMoved = known.url != definition.url
                if isBack || known != definition {
                    let action: AuditAction = isBack ? .repositoryAdded : .repositoryChanged
                    let detail = isMoved || isBack ? definition.location : "its settings"
                    try Self.note(action, of: definition.name, by: actor, detail: detail, database)
                }
                try database.execute(
                    sql: "UPDATE repository SET definition = ?, origin = ?, removedAt = NULL WHERE name = ?",
                    arguments: [json, origin.rawValue, definition.name]
                )
                if isBack || isMoved {
                    let id: Int64 = row["id"]
                    try database.execute(sql: "DELETE FROM ref WHERE repository = ?", arguments: [id])
                    try database.execute(sql: "UPDATE repository SET isSeen = 0 WHERE id = ?", arguments: [id])
                }
            } else {
                try database.execute(
                    sql: "INSERT INTO repository (name, definition, origin, addedAt) VALUES (?, ?, ?, ?)",
                    arguments: [definition.name, json, origin.rawValue, Date().timeIntervalSince1970]
                )
                try Self.note(
                    .repositoryAdded,
                    of: definition.name,
                    by: actor,
                    detail: definition.location,
                    database
                )
            }
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [definition.name]) else {
                throw RunnerError(.errored, "cannot add repository `\(definition.name)`", why: "its row is gone")
            }
            return try RepositoryRecord(row)
        }
    }

    /// Watched no more; its runs stay.
    package func remove(_ repository: RepositoryID, actor: String = itself) async throws {
        try await write { database in
            let now = Date().timeIntervalSince1970
            let name = try String.fetchOne(
                database,
                sql: "UPDATE repository SET removedAt = ? WHERE id = ? AND removedAt IS NULL RETURNING name",
                arguments: [now, repository.value]
            )
            guard let name else { return }
            try Self.note(.repositoryRemoved, of: name, by: actor, database)
            try database.execute(
                sql: """
                    UPDATE refEvent SET handledAt = ?, verdict = 'the repository was removed'
                    WHERE repository = ? AND handledAt IS NULL
                    """,
                arguments: [now, repository.value]
            )
        }
    }

    /// How the last look at a repository went.
    package func noteLook(at repository: RepositoryID, problem: String?, transport: String? = nil) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE repository SET problem = ?, lookedAt = CASE WHEN ? IS NULL THEN ? ELSE lookedAt END,
                        transportNote = coalesce(?, transportNote) WHERE id = ?
                    """,
                arguments: [problem, problem, Date().timeIntervalSince1970, transport, repository.value]
            )
        }
    }

    // MARK: - Refs

    /// What was last known of the repository's refs, and whether anything ever was.
    package func refs(of repository: RepositoryID) async throws -> (snapshot: RefSnapshot, isSeen: Bool) {
        try await read { database in
            let sql = "SELECT name, object, commitID FROM ref WHERE repository = ?"
            var refs: [String: RefTarget] = [:]
            for row in try Row.fetchAll(database, sql: sql, arguments: [repository.value]) {
                guard let object = ObjectID(row["object"] as String), let commit = ObjectID(row["commitID"] as String)
                else { continue }
                refs[row["name"]] = RefTarget(object: object, commit: commit)
            }
            let seen = "SELECT isSeen FROM repository WHERE id = ?"
            let isSeen = try Bool.fetchOne(database, sql: seen, arguments: [repository.value]) ?? false
            return (RefSnapshot(refs), isSeen)
        }
    }

    /// Where one ref was last known to point; `nil` where there is none.
    package func ref(_ name: String, of repository: RepositoryID) async throws -> RefTarget? {
        try await read { database in
            let sql = "SELECT object, commitID FROM ref WHERE repository = ? AND name = ?"
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [repository.value, name]),
                let object = ObjectID(row["object"] as String), let commit = ObjectID(row["commitID"] as String)
            else { return nil }
            return RefTarget(object: object, commit: commit)
        }
    }

    /// Writes down that refs have changed: the refs as they are now and an open event for each, in one transaction.
    /// `isFirstSight` marks the repository as seen.
    package func record(
        _ changes: [RefChange],
        of repository: RepositoryID,
        isFirstSight: Bool
    ) async throws -> [RefEventRecord] {
        try await write { database in
            var events: [RefEventRecord] = []
            let now = Date()
            for change in changes {
                try Self.write(change, of: repository, database)
                try database.execute(
                    sql: "INSERT INTO refEvent (repository, change, seenAt, isFirstSight) VALUES (?, ?, ?, ?)",
                    arguments: [repository.value, JSON.text(change), now.timeIntervalSince1970, isFirstSight]
                )
                events.append(
                    RefEventRecord(
                        id: database.lastInsertedRowID,
                        repository: repository,
                        change: change,
                        seenAt: now,
                        isFirstSight: isFirstSight
                    )
                )
            }
            for change in changes where change.isTag && (change.kind == .forceMoved || change.kind == .deleted) {
                try Self.note(change, of: repository, database)
            }
            if isFirstSight {
                try database.execute(
                    sql: "UPDATE repository SET isSeen = 1 WHERE id = ?",
                    arguments: [repository.value]
                )
            }
            return events
        }
    }

    /// Events whose runs are not written down yet, the oldest first.
    package func openRefEvents(of repository: RepositoryID? = nil) async throws -> [RefEventRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM refEvent WHERE handledAt IS NULL AND (? IS NULL OR repository = ?) ORDER BY id",
                arguments: [repository?.value, repository?.value]
            ).map(RefEventRecord.init)
        }
    }

    private static func note(_ tag: RefChange, of repository: RepositoryID, _ database: Database) throws {
        let sql = "SELECT name FROM repository WHERE id = ?"
        let name = try String.fetchOne(database, sql: sql, arguments: [repository.value]) ?? "\(repository.value)"
        let ends = [tag.old, tag.new].map { $0?.object.description ?? "nothing" }
        let detail = ends.joined(separator: " → ")
        try note(.tagMoved, of: "\(name) \(tag.ref)", by: itself, detail: detail, database)
    }

    private static func write(_ change: RefChange, of repository: RepositoryID, _ database: Database) throws {
        guard let new = change.new else {
            try database.execute(
                sql: "DELETE FROM ref WHERE repository = ? AND name = ?",
                arguments: [repository.value, change.ref]
            )
            return
        }
        try database.execute(
            sql: """
                INSERT INTO ref VALUES (?, ?, ?, ?) ON CONFLICT (repository, name)
                DO UPDATE SET object = excluded.object, commitID = excluded.commitID
                """,
            arguments: [repository.value, change.ref, new.object.description, new.commit.description]
        )
    }
}

extension RepositoryDefinition {
    /// The address without what may stand before an `@`: people put passwords there.
    fileprivate var location: String {
        let parts = url.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasSuffix(":"),
            let at = parts[1].prefix(while: { $0 != "/" }).lastIndex(of: "@")
        else { return url }
        return "\(parts[0])//\(parts[1][parts[1].index(after: at)...])"
    }
}

extension RepositoryRecord {
    init(_ row: Row) throws {
        self.init(
            id: RepositoryID(row["id"]),
            definition: try JSON.value(RepositoryDefinition.self, row["definition"]),
            origin: Origin(rawValue: row["origin"]) ?? .added,
            isSeen: row["isSeen"],
            addedAt: Date(timeIntervalSince1970: row["addedAt"]),
            lookedAt: (row["lookedAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
            problem: row["problem"],
            transportNote: row["transportNote"]
        )
    }
}

extension RefEventRecord {
    init(_ row: Row) throws {
        self.init(
            id: row["id"],
            repository: RepositoryID(row["repository"]),
            change: try JSON.value(RefChange.self, row["change"]),
            seenAt: Date(timeIntervalSince1970: row["seenAt"]),
            isFirstSight: row["isFirstSight"],
            verdict: row["verdict"]
        )
    }
}

extension JSON {
    /// As it stands in a column.
    static func text(_ value: some Encodable) throws -> String { String(decoding: try encode(value), as: UTF8.self) }

    static func value<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
        try decode(type, from: Data(text.utf8))
    }
}
