import FoundationEssentials
import GRDB
import RunnerCore
package import SystemPackage

/// What the daemon must not lose, in one SQLite file. Every change of state is one transaction.
package struct RunnerDatabase: Sendable {
    /// Who stands in the audit log where nobody asked: the runner itself.
    package static let itself = "runner"

    package let path: FilePath
    private let pool: DatabasePool

    /// Opens the database, makes it where there is none, and brings it to this runner's version. Throws a RunnerError;
    /// nothing is ever deleted because it cannot be read.
    package init(at path: FilePath) throws {
        self.path = path
        do {
            pool = try DatabasePool(path: path.string, configuration: Self.configuration)
            // GRDB sets NORMAL when it opens; a power cut would then undo what people were told.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try pool.write { try SchemaMigration.toNewest($0) }
        } catch let error as DatabaseError {
            throw RunnerError(error, database: path)
        }
    }

    /// Brings a database that a newer runner wrote back to the form that this one knows, by the way back that the newer one
    /// left in it. What only the newer form can hold is lost: make a backup first.
    package static func downgrade(at path: FilePath) throws -> (from: Int, to: Int) {
        do {
            let queue = try DatabaseQueue(path: path.string, configuration: configuration)
            return try queue.write { database in
                let present = try SchemaMigration.version(of: database)
                try SchemaMigration.back(to: SchemaMigration.newest, database)
                return (present, try SchemaMigration.version(of: database))
            }
        } catch let error as DatabaseError {
            throw RunnerError(error, database: path)
        }
    }

    package func close() throws { try pool.close() }

    /// Brings the write-ahead log into the file itself.
    package func checkpoint() async throws {
        do {
            _ = try await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch let error as DatabaseError {
            throw RunnerError(error, database: path)
        }
    }

    /// Settings: `drained` and the like.
    package func setting(_ name: String) async throws -> String? {
        try await read { try Self.setting(name, $0) }
    }

    package func set(_ name: String, to value: String?) async throws {
        try await write { try Self.set(name, to: value, $0) }
    }

    /// Whether no new work is taken.
    package func isDrained() async throws -> Bool { try await setting("drained") != nil }

    /// Stops taking new work, or takes it again.
    package func setDrained(_ isDrained: Bool, actor: String = itself) async throws {
        try await write { database in
            guard try (Self.setting("drained", database) != nil) != isDrained else { return }
            try Self.set("drained", to: isDrained ? actor : nil, database)
            try Self.note(isDrained ? .drained : .resumed, of: "server", by: actor, database)
        }
    }

    // MARK: - Transactions

    /// One transaction that changes something: all of it, or nothing.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.write(body)
        } catch let error as DatabaseError {
            throw RunnerError(error, database: path)
        }
    }

    /// One transaction that looks: all of it at one point in time.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw RunnerError(error, database: path)
        }
    }

    static func setting(_ name: String, _ database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
    }

    static func set(_ name: String, to value: String?, _ database: Database) throws {
        guard let value else {
            try database.execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [name])
            return
        }
        try database.execute(
            sql: "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            arguments: [name, value]
        )
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.maximumReaderCount = 3
        configuration.busyMode = .timeout(5)
        configuration.label = "runner.db"
        configuration.prepareDatabase { database in
            // Small caches: lists read few pages, and the daemon's memory is not theirs.
            try database.execute(sql: "PRAGMA cache_size = -1024")
        }
        return configuration
    }
}
