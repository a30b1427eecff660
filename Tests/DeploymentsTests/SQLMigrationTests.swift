import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import Deployments

@Suite(.timeLimit(.minutes(2)))
struct SQLMigrationTests {
    let scratch: DataScratch
    let database: TestDatabase
    let said = Heard()

    init() throws {
        scratch = try DataScratch()
        database = try TestDatabase()
    }

    private func run(
        version: String? = nil,
        lockTimeout: Duration = .seconds(5),
        pauses: [Duration] = []
    ) -> MigrationRun {
        var settings = MigrationSettings(.sql(directory: "m"))
        settings.lockTimeout = lockTimeout
        let environment = ["DATABASE_URL": database.url, "PATH": "/usr/bin:/bin"]
        var run = MigrationRun(
            settings: settings,
            artifact: scratch.path,
            environment: environment,
            version: version
        ) { [said] in said.add($0) }
        run.pauses = pauses
        return run
    }

    private func failure(of run: MigrationRun) async -> RunnerError? {
        await #expect(throws: RunnerError.self) { try await run.up() }
    }

    @Test func `each is applied once, in its order, and recorded`() async throws {
        try scratch.write([
            "m/0002_b.sql": "insert into a values (2)",
            "m/0001_a.sql":
                "-- runner: expand\ncreate table a (i int);\nset search_path = nowhere; set lock_timeout = 1;",
            "m/0001_a.down.sql": "drop table a;",
        ])
        let done = Heard()
        #expect(try await run().status().map(\.isApplied) == [false, false])
        #expect(try database.ask("select to_regclass('runner_migrations') is null") == "t")
        for _ in 0..<2 { try await run(version: "v1.0'0").up { id, took in done.add("\(id) \(took < .seconds(60))") } }
        #expect(done.lines == ["0001_a true", "0002_b true"])
        #expect(try database.ask("select i from a") == "2")
        let record = "select id, kind, version, down, seconds between 0 and 60 from runner_migrations order by 1"
        #expect(try database.ask(record) == "0001_a|expand|v1.0'0|drop table a;|t 0002_b|plain|v1.0'0||t")
        let status = try await run().status()
        #expect(status.map(\.isApplied) == [true, true])
        #expect(status.map(\.isReversible) == [true, false])
        #expect(status.map(\.kind) == [.expand, .plain])
    }

    @Test func `one that fails leaves nothing of itself, and says where`() async throws {
        try scratch.write([
            "m/1_a.sql": "create table a (i int);",
            "m/2_b.sql":
                "\\set ON_ERROR_STOP off\ninsert into a values (1);\n\ninsert into nope values (2);\nselect 1;",
        ])
        let error = await failure(of: run())
        #expect(error?.what == "cannot apply migration `2_b`")
        #expect(try database.ask("select count(*) from a") == "0")
        #expect(try database.ask("select id from runner_migrations") == "1_a")
        try scratch.write(["m/2_b.sql": "insert into a values (1);\n\ninsert into nope values (2);"])
        #expect(await failure(of: run())?.why == "`2_b.sql`, line 3: relation \"nope\" does not exist (42P01)")
        try scratch.write(["m/2_b.sql": "insert into a values (1);"])
        try await run().up()
        #expect(try database.ask("select count(*) from a") == "1")
    }

    @Test func `what a transaction refuses runs without one, and keeps what it did`() async throws {
        let index = "create index concurrently on a (i);"
        try scratch.write(["m/1_a.sql": "create table a (i int);", "m/2_b.sql": index])
        #expect(await failure(of: run())?.hint?.contains("-- runner: no-transaction") == true)
        try scratch.write(["m/2_b.sql": "-- runner: no-transaction\n\(index)\nselect 1/0;"])
        #expect(await failure(of: run())?.hint?.hasPrefix("what it did before that stays") == true)
        #expect(try database.ask("select count(*) from pg_index where indrelid = 'a'::regclass") == "1")
        try scratch.write(["m/2_b.sql": "-- runner: no-transaction\n\(index)"])
        try await run().up()
        #expect(try database.ask("select count(*) from runner_migrations") == "2")
    }

    @Test func `of two at once each migration is applied by one`() async throws {
        try scratch.write([
            "m/1_a.sql": "create table a (i int); select pg_sleep(0.3);",
            "m/2_b.sql": "-- runner: no-transaction\ncreate index concurrently on a (i);",
            "m/3_c.sql": "insert into a values (1);",
        ])
        let (done, run) = (Heard(), run())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { try await run.up { id, _ in done.add(id) } } }
            try await group.waitForAll()
        }
        #expect(done.lines == ["1_a", "2_b", "3_c"])
        #expect(try database.ask("select count(*) from a") == "1")
        #expect(said.has("another run migrates this database"))
    }

    @Test func `one that is denied a lock gives way, and is tried again`() async throws {
        try scratch.write(["m/1_a.sql": "insert into b values (1);", "m/2_b.sql": "alter table b add j int;"])
        try database.ask("create table b (i int)")
        let holder = try LockHolder(database, table: "b")
        let run = run(lockTimeout: .milliseconds(200), pauses: [.milliseconds(10), .milliseconds(10)])
        let error = await failure(of: run)
        #expect(error?.why == "`1_a.sql`, line 1: canceling statement due to lock timeout (55P03), 3 times")
        #expect(error?.hint?.contains("pg_stat_activity") == true)
        #expect(try database.ask("select count(*) from runner_migrations") == "0")
        let waiting = Signal()
        let patient = MigrationRun(
            settings: MigrationSettings(.sql(directory: "m"), lockTimeout: .milliseconds(200)),
            artifact: scratch.path,
            environment: ["DATABASE_URL": database.url]
        ) { line in if line.contains("next try in") { waiting.give() } }
        let migrating = Task { try await patient.up() }
        await waiting.wait()
        holder.release()
        try await migrating.value
        #expect(try database.ask("select count(*) from runner_migrations") == "2")
    }

    @Test func `a way back is taken from the database, newest first`() async throws {
        try scratch.write([
            "m/1_a.sql": "create table a (i int); create table log (t text);",
            "m/1_a.down.sql": "drop table a; insert into log values ('1');",
            "m/2_b.sql": "alter table a add j int;",
            "m/2_b.down.sql": "alter table a drop j;\ninsert into log values ('2 it''s \\ ü');",
            "m/3_c.sql": "select 1;",
            "m/3_c.down.sql": "-- runner: no-transaction\ninsert into log values ('3'); vacuum;",
        ])
        try await run().up()
        #expect(try await run().known() == ["1_a", "2_b", "3_c"])
        try TreeRemoval.remove(scratch.path.appending("m"))
        let done = Heard()
        try await run().down(to: "1_a") { id, _ in done.add(id) }
        #expect(done.lines == ["3_c", "2_b"])
        #expect(try database.ask("select t from log") == "3 2 it's \\ ü")
        #expect(try database.ask("select id from runner_migrations") == "1_a")
        try await run().down(to: nil)
        #expect(try database.ask("select count(*) from runner_migrations") == "0")
    }

    @Test func `without a way back for each nothing is taken back`() async throws {
        try scratch.write([
            "m/1_a.sql": "create table a (i int);", "m/2_b.sql": "select 1;", "m/3_c.sql": "alter table a add j int;",
            "m/3_c.down.sql": "alter table a drop j;",
        ])
        try await run().up()
        let error = await #expect(throws: RunnerError.self) { try await run().down(to: "1_a") }
        #expect(error?.why == "there is no way back from `2_b`")
        #expect(try database.ask("select count(*) from runner_migrations") == "3")
        let unknown = await #expect(throws: RunnerError.self) { try await run().down(to: "1_b") }
        #expect(unknown?.hint == "did you mean `1_a`?")
    }

    @Test func `nothing runs where an applied file was edited`() async throws {
        try scratch.write(["m/1_a.sql": "create table a (i int);"])
        try await run().up()
        try scratch.write(["m/1_a.sql": "create table a (i bigint);", "m/2_b.sql": "create table b (i int);"])
        #expect(await failure(of: run())?.why == "`1_a.sql` was changed after it had been applied")
        #expect(try database.ask("select to_regclass('b') is null") == "t")
    }

    @Test func `a migration that is canceled ends in the database, too`() async throws {
        try scratch.write(["m/1_a.sql": "create table a (i int); do $$ begin raise notice 'in it'; end $$;"])
        try scratch.write(["m/2_b.sql": "insert into a values (1); select pg_sleep(600);"])
        let run = run()
        let migrating = Task { try await run.up() }
        let sleeping = "from pg_stat_activity where datname = current_database() and query ~ '^select pg_sleep'"
        try await database.wait(for: "select count(*) = 1 \(sleeping)")
        migrating.cancel()
        await #expect(throws: CancellationError.self) { try await migrating.value }
        try await database.wait(for: "select count(*) = 0 \(sleeping)")
        #expect(try database.ask("select count(*) from a") == "0")
        #expect(said.has("1_a.sql:1: NOTICE: in it"))
    }

    @Test func `a runner that is killed in the middle leaves nothing half, and the next goes on`() async throws {
        try scratch.write([
            "m/1_a.sql": "create table a (i int);",
            "m/2_b.sql": "insert into a values (1); do $$ begin raise notice 'half'; perform pg_sleep(600); end $$;",
        ])
        let (path, url) = (scratch.path.string, database.url)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, url = url as String] in
            // What a killed runner leaves goes with the test.
            setenv("TMPDIR", path, 1)
            let run = MigrationRun(
                settings: MigrationSettings(.sql(directory: "m")),
                artifact: FilePath(path),
                environment: ["DATABASE_URL": url]
            ) { line in if line.contains("half") { kill(getpid(), SIGKILL) } }
            try await run.up()
        }
        #expect(try database.ask("select count(*) from a") == "0")
        #expect(try database.ask("select id from runner_migrations") == "1_a")
        try scratch.write(["m/2_b.sql": "insert into a values (1);"])
        let done = Heard()
        try await run().up { id, _ in done.add(id) }
        #expect(done.lines == ["2_b"])
        #expect(try database.ask("select count(*) from a") == "1")
    }

    @Test func `a database that is not there says so without its password`() async throws {
        try scratch.write(["m/1_a.sql": "select 1;"])
        let closed = database.url.replacing(":\(database.port)/", with: ":1/")
        let run = MigrationRun(
            settings: MigrationSettings(.sql(directory: "m")),
            artifact: scratch.path,
            environment: ["DATABASE_URL": closed]
        ) { [said] in said.add($0) }
        let error = await failure(of: run)
        #expect(error?.what == "cannot read or keep what was migrated")
        #expect(error?.why?.contains("Connection refused") == true)
        #expect(!"\(String(describing: error)) \(said.lines)".contains("p@ss"))
    }

    @Test func `they are stopped when they take too long`() async throws {
        try scratch.write(["m/1_a.sql": "create table a (i int); select pg_sleep(600);"])
        let run = MigrationRun(
            settings: MigrationSettings(.sql(directory: "m"), timeout: .seconds(2)),
            artifact: scratch.path,
            environment: ["DATABASE_URL": database.url]
        ) { _ in }
        #expect(await failure(of: run)?.why == "together they took longer than 2 s")
        try await database.wait(for: "select to_regclass('a') is null")
    }
}

/// A transaction of somebody else that holds a table.
private final class LockHolder: Sendable {
    private let task: Task<ScriptEnd, any Error>
    private let file: FilePath
    private let scratch: DataScratch

    init(_ database: TestDatabase, table: String) throws {
        scratch = try DataScratch()
        file = scratch.path.appending("released")
        let script = LocalScript(
            text: """
                mkfifo '\(file)'
                { echo "begin; lock table \(table); \\echo held"; read -r _ < '\(file)'; echo 'commit;'; } |
                    psql -Xq > '\(file).held'
                """,
            directory: scratch.path,
            environment: database.variables,
            timeout: .seconds(60)
        )
        // Ends with the fixture's release, or by its own bound.
        task = Task { try await script.run() }
        for _ in 0..<1000 {
            if try scratch.text("released.held")?.contains("held") == true { return }
            usleep(10_000)  // Looks again for the event: there is nothing to wait on.
        }
        throw FixtureFailure(description: "no lock within 10 s")
    }

    deinit { task.cancel() }

    func release() {
        let fd = open(file.string, O_WRONLY | O_CLOEXEC)
        write(fd, "\n", 1)
        close(fd)
    }
}
