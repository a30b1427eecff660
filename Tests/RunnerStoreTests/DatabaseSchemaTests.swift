import GRDB
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct DatabaseSchemaTests {
    private let scratch: Scratch
    private var path: FilePath { scratch.path.appending("runner.db") }

    init() throws { scratch = try Scratch() }

    private func queue() throws -> DatabaseQueue { try DatabaseQueue(path: path.string) }

    private static func tables(_ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        )
    }

    @Test func `every step goes up, and down by what the database says of itself, and up again`() throws {
        let queue = try queue()
        try queue.write { try SchemaMigration.toNewest($0) }
        let all = try queue.read { try Self.tables($0) }
        #expect(all.contains("run") && all.contains("audit"))
        for step in Schema.steps.reversed() {
            try queue.write { try SchemaMigration.back(to: step.version - 1, $0) }
            #expect(try queue.read { try SchemaMigration.version(of: $0) } == step.version - 1)
        }
        #expect(try queue.read { try Self.tables($0) } == ["schemaStep"])
        try queue.write { try SchemaMigration.toNewest($0) }
        #expect(try queue.read { try Self.tables($0) } == all)
    }

    @Test func `each step is taken once`() throws {
        for _ in 0..<2 { try RunnerDatabase(at: path).close() }
        let versions = try queue().read { try Int.fetchAll($0, sql: "SELECT version FROM schemaStep") }
        #expect(versions == Schema.steps.map(\.version))
    }

    @Test func `what a newer runner wrote is refused, and can be brought back`() async throws {
        try RunnerDatabase(at: path).close()
        try await queue().write { database in
            try database.execute(
                sql: """
                    CREATE TABLE later (x);
                    INSERT INTO schemaStep VALUES (99, 'DROP TABLE later');
                    """
            )
        }
        let error = #expect(throws: RunnerError.self) { try RunnerDatabase(at: path) }
        #expect(error?.why?.contains("version 99, this runner knows \(SchemaMigration.newest)") == true)
        #expect(error?.hint?.contains("runner state downgrade") == true)
        let (from, to) = try RunnerDatabase.downgrade(at: path)
        #expect(from == 99 && to == SchemaMigration.newest)
        let database = try RunnerDatabase(at: path)
        #expect(try await database.read { try Self.tables($0) }.contains("later") == false)
    }
}
