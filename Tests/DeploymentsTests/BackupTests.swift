import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import Deployments

@Suite(.timeLimit(.minutes(1)))
struct BackupTests {
    let scratch: DataScratch

    init() throws { scratch = try DataScratch() }

    private var directory: FilePath { scratch.path.appending("backups") }

    private func run(_ create: String, restore: String = "true", verify: String? = nil, remove: String? = nil)
        -> BackupRun
    {
        var settings = BackupSettings(create: Script(create), restore: Script(restore))
        settings.verify = verify.map { Script($0) }
        settings.remove = remove.map { Script($0) }
        return run(settings)
    }

    private func run(_ settings: BackupSettings, _ environment: [String: String] = [:]) -> BackupRun {
        let environment = environment.merging(["OUT": scratch.path.string]) { given, _ in given }
        return BackupRun(settings: settings, directory: directory, environment: environment) { _ in }
    }

    @Test func `a file is kept whole and private`() async throws {
        let run = run(
            "umask 0; echo \"$RUNNER_BACKUP_ID\" > \"$RUNNER_BACKUP\"",
            restore: "cp $RUNNER_BACKUP $OUT/back"
        )
        let made = try await run.create("b1")
        #expect(made.place == .file(bytes: 3, digest: Digest.sha256("b1\n").description))
        #expect(FileSystem.names(in: directory) == ["b1"])
        #expect(try mode(directory.appending("b1")) == 0o600)
        #expect(try mode(directory) == 0o700)
        try await run.restore(made)
        #expect(try scratch.text("back") == "b1\n")
        #expect(try await run.verify(made) == nil)
        for _ in 0..<2 { try await run.remove(made) }
        #expect(FileSystem.names(in: directory) == [])
    }

    private func mode(_ path: FilePath) throws -> UInt32 {
        var status = stat()
        try checked("inspect", path) { stat(path.string, &status) }
        return status.st_mode & 0o777
    }

    @Test func `one that lies elsewhere is known by its handle`() async throws {
        let run = run(
            "echo working; echo handle=snapshot 7; echo bye",
            restore: "echo \"$RUNNER_BACKUP_HANDLE\" > $OUT/restored",
            verify: "test \"$RUNNER_BACKUP_HANDLE\" = 'snapshot 7'",
            remove: "echo \"$RUNNER_BACKUP_HANDLE\" > $OUT/removed"
        )
        let made = try await run.create("b1")
        #expect(made.place == .handle("snapshot 7"))
        try await run.restore(made)
        #expect(try await run.verify(made) != nil)
        try await run.remove(made)
        #expect(try scratch.text("restored") == "snapshot 7\n")
        #expect(try scratch.text("removed") == "snapshot 7\n")
    }

    @Test(arguments: [
        ("true", "its script succeeded, yet there is no backup"),
        ("echo handle=", "its script succeeded, yet there is no backup"),
        (": > $RUNNER_BACKUP", "its script left an empty file"),
        ("mkdir $RUNNER_BACKUP", "`RUNNER_BACKUP` is no plain file"),
        ("ln -s /etc/passwd $RUNNER_BACKUP", "`RUNNER_BACKUP` is no plain file"),
        ("echo handle=1; echo 1 > $RUNNER_BACKUP", "its script wrote `RUNNER_BACKUP`, and printed a handle as well"),
        ("echo 1 > $RUNNER_BACKUP; echo disk full; exit 1", "its script ended with exit status 1: disk full"),
    ])
    func `what is no backup is not kept`(create: String, words: String) async throws {
        let error = await #expect(throws: RunnerError.self) { _ = try await run(create).create("b1") }
        #expect(error?.why == words)
        #expect(FileSystem.names(in: directory) == [])
    }

    @Test func `one that takes too long leaves nothing`() async throws {
        let create = Script("echo 1 > $RUNNER_BACKUP; sleep 1000", timeout: .seconds(1))
        let error = await #expect(throws: RunnerError.self) {
            _ = try await run(BackupSettings(create: create, restore: Script("true"))).create("b1")
        }
        #expect(error?.why == "its script took longer than 1 s")
        #expect(FileSystem.names(in: directory) == [])
    }

    @Test(arguments: ["", ".", "..", "a/b", ".hidden"])
    func `a name that is no file's is refused`(id: String) async throws {
        await #expect(throws: RunnerError.self) { _ = try await run("echo 1 > $RUNNER_BACKUP").create(id) }
    }

    @Test func `one of the same name stays`() async throws {
        let made = try await run("echo 1 > $RUNNER_BACKUP").create("b1")
        await #expect(throws: RunnerError.self) { _ = try await run("echo 2 > $RUNNER_BACKUP").create("b1") }
        #expect(try scratch.text("backups/\(made.id)") == "1\n")
    }

    @Test func `a file that was changed or is gone is neither restored nor proven`() async throws {
        let run = run("echo 1 > $RUNNER_BACKUP", restore: "touch $OUT/restored", verify: "true")
        let made = try await run.create("b1")
        try scratch.write(["backups/b1": "2\n"])
        let error = await #expect(throws: RunnerError.self) { try await run.restore(made) }
        #expect(error?.why == "its file is not as it was made: the digest differs")
        await #expect(throws: RunnerError.self) { _ = try await run.verify(made) }
        try await run.remove(made)
        let gone = await #expect(throws: RunnerError.self) { try await run.restore(made) }
        #expect(gone?.why == "its file is gone")
        #expect(try scratch.text("restored") == nil)
    }

    // MARK: - PostgreSQL

    @Test func `a dump brings the data back, and a broken one is found out`() async throws {
        let database = try TestDatabase()
        try database.ask("create table a (i int); insert into a select generate_series(1, 1000)")
        var settings = BackupSettings(
            create: Script("pg_dump -Fc -f \"$RUNNER_BACKUP\""),
            restore: Script("pg_restore --clean --if-exists -d \"$PGDATABASE\" \"$RUNNER_BACKUP\"")
        )
        settings.verify = Script(
            """
            scratch="${PGDATABASE}_verify"
            trap 'dropdb --if-exists "$scratch"' EXIT
            createdb "$scratch"
            pg_restore --exit-on-error -d "$scratch" "$RUNNER_BACKUP"
            test "$(psql -XAt -d "$scratch" -c 'select count(*) from a')" = 1000
            """
        )
        let made = try await run(settings, database.variables).create("whole")
        #expect(try await run(settings, database.variables).verify(made) ?? 0 > 0)
        try database.ask("delete from a")
        try await run(settings, database.variables).restore(made)
        #expect(try database.ask("select count(*) from a") == "1000")
        settings.create = Script("pg_dump -Fc | head -c 3000 > \"$RUNNER_BACKUP\" || true")
        let broken = try await run(settings, database.variables).create("broken")
        let error = await #expect(throws: RunnerError.self) {
            _ = try await run(settings, database.variables).verify(broken)
        }
        #expect(error?.what == "backup `broken` cannot be relied on")
        #expect(try database.ask("select count(*) from pg_database where datname ~ '_verify$'") == "0")
    }
}
