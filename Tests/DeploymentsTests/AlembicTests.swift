import FoundationEssentials
import RunnerCore
import RunnerExecution
import SystemPackage
import Testing

@testable import Deployments

@Suite(.timeLimit(.minutes(2)))
struct AlembicTests {
    let scratch: DataScratch
    let database: TestDatabase

    init() throws {
        scratch = try DataScratch()
        database = try TestDatabase()
        try scratch.write([
            "db/alembic.ini": """
            [alembic]
            script_location = .
            [loggers]
            keys = root,alembic
            [handlers]
            keys = console
            [formatters]
            keys =
            [logger_root]
            level = WARN
            handlers = console
            [logger_alembic]
            level = INFO
            handlers =
            qualname = alembic
            [handler_console]
            class = StreamHandler
            args = (sys.stderr,)

            """,
            "db/env.py": """
            import os
            from logging.config import fileConfig
            from alembic import context
            from sqlalchemy import create_engine
            fileConfig(context.config.config_file_name)
            url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql://")
            with create_engine(url).connect() as connection:
                context.configure(connection=connection)
                with context.begin_transaction():
                    context.run_migrations()

            """,
        ])
        try revision("a1", after: nil, "About users.", up: "create table a (i int)", down: "drop table a")
        try revision("b2", after: "a1", "runner: expand", up: "alter table a add j int", down: "alter table a drop j")
        try revision("c3", after: "b2", "runner: contract, irreversible", up: "alter table a drop i", down: "select 1")
    }

    private func revision(_ id: String, after: String?, _ text: String, up: String, down: String) throws {
        try scratch.write([
            "db/versions/\(id).py": """
            \"""
            \(id)

            \(text)
            \"""
            from alembic import op
            revision = "\(id)"
            down_revision = \(after.map { "\"\($0)\"" } ?? "None")
            def upgrade():
                op.execute("\(up)")
            def downgrade():
                op.execute("\(down)")

            """
        ])
    }

    private func run() -> MigrationRun {
        MigrationRun(
            settings: MigrationSettings(.alembic(directory: "db")),
            artifact: scratch.path,
            // Debian's python, whatever others there are.
            environment: ["DATABASE_URL": database.url, "PATH": "/usr/bin:/bin"]
        ) { _ in }
    }

    @Test func `revisions are told, applied and taken back`() async throws {
        let before = try await run().status()
        #expect(before.map(\.id) == ["a1", "b2", "c3"])
        #expect(before.map(\.kind) == [.plain, .expand, .contract])
        #expect(before.map(\.isReversible) == [true, true, false])
        #expect(!before.contains { $0.isApplied })
        try removeRevision("c3")
        let done = Heard()
        try await run().up { id, took in done.add("\(id) \(took > .zero && took < .seconds(60))") }
        #expect(done.lines == ["a1 true", "b2 true"])
        #expect(try database.ask("select count(j) from a") == "0")
        try await run().up { id, _ in done.add(id) }
        #expect(done.lines.count == 2)
        try await run().down(to: "a1") { id, _ in done.add(id) }
        #expect(done.lines.last == "b2")
        #expect(try await run().status().map(\.isApplied) == [true, false])
        try await run().down(to: nil)
        #expect(try database.ask("select to_regclass('a') is null") == "t")
    }

    @Test func `one that is irreversible is not taken back`() async throws {
        try await run().up()
        let error = await #expect(throws: RunnerError.self) { try await run().down(to: "a1") }
        #expect(error?.why == "there is no way back from `c3`")
        #expect(try database.ask("select version_num from alembic_version") == "c3")
    }

    @Test func `one that fails says why`() async throws {
        try revision("d4", after: "c3", "", up: "select nothing from nowhere", down: "")
        let error = await #expect(throws: RunnerError.self) { try await run().up() }
        #expect(error?.what == "cannot migrate")
        #expect(error?.why?.hasPrefix("its script ended with exit status 1: ") == true)
        #expect(try database.ask("select to_regclass('a') is null") == "t")
    }

    @Test func `a database that is ahead of the release is no riddle`() async throws {
        try await run().up()
        try removeRevision("c3")
        let error = await #expect(throws: RunnerError.self) { try await run().status() }
        #expect(error?.what == "cannot tell what was migrated")
        #expect(try await run().known() == ["a1", "b2"])
        #expect(error?.why?.contains("c3") == true)
    }

    private func removeRevision(_ id: String) throws {
        let (code, output) = ProgramOutput.capture(
            "/bin/rm",
            [scratch.path.pushing(FilePath("db/versions/\(id).py")).string]
        )
        #expect(code == 0, "\(output)")
    }

    @Test func `branches that meet again are applied up to where the database is`() throws {
        let history = try AlembicHistory(
            """
            Rev: d (head) (mergepoint)
            Merges: b, c
            Path: /x/d.py

                runner: expand

            Rev: c
            Parent: a
            Path: /x/c.py

            Rev: b
            Parent: a

            Rev: a (branchpoint)
            Parent: <base>
            Branches into: b, c

            """
        )
        let migrations = try history.migrations(current: "b\n")
        #expect(migrations.map(\.id) == ["a", "b", "c", "d"])
        #expect(migrations.map(\.isApplied) == [true, true, false, false])
        #expect(migrations.map(\.kind) == [.plain, .plain, .plain, .expand])
        #expect(try history.migrations(current: "d (head) (mergepoint)\n").allSatisfy(\.isApplied))
        #expect(throws: RunnerError.self) { try history.migrations(current: "e\n") }
    }
}
