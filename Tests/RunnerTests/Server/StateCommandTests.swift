import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// `runner state` and `runner gc` beside a running daemon.
struct StateCommandTests {
    private static let stages = "  a: { run: 'echo made > out', artifacts: { out: { paths: [out] } } }\n"

    @Test func `a backup of a running daemon is restored elsewhere and sound`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch")
        let file = daemon.fixture.directory.appending("backup").string
        #expect(try await daemon.run("state", "backup", file).output.contains("1 runs"))
        let other = daemon.fixture.directory.appending("other").string
        try await daemon.run("state", "restore", file, "--state", other)
        let check = try await daemon.run("state", "check", "--deep", "--state", other)
        #expect(!check.output.contains("error:"), "\(check.output)")
        let again = try await daemon.run("state", "restore", file, "--state", other, status: 2)
        #expect(again.errors.contains("there is something there"))
    }

    @Test func `what is lost is said, and is the runner's failure`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch")
        #expect(try await daemon.run("state", "check").output.contains("rows and files agree"))
        try TreeRemoval.remove(daemon.fixture.state.pushing("runs/1"))
        let check = try await daemon.run("state", "check", "--json", status: 3)
        #expect(check.output.contains("\"severity\" : \"error\""), "\(check.output)")
    }

    @Test func `cleaning up says what goes, and first only says so`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch")
        let file = daemon.fixture.directory.appending("gc.yml").string
        try "disk: { budgets: { artifacts: { size: 1 } } }\n".write(toFile: file, atomically: true, encoding: .utf8)
        let dry = try await daemon.document(EvictionReport.self, "gc", "--dry-run", "--config", file)
        #expect(dry.isDryRun && dry.removed.map(\.dataClass) == [.artifacts], "\(dry)")
        let end = try await daemon.run("gc", "--config", file)
        #expect(end.output.contains("removed  artifacts") && end.output.contains("CLASS"), "\(end.output)")
        #expect(try await daemon.document(EvictionReport.self, "gc", "--config", file).removed.isEmpty)
    }

    @Test(arguments: [["gc"], ["state", "backup", "x"], ["state", "check"], ["state", "downgrade"]])
    func `without a daemon's state there is nothing to do`(arguments: [String]) async throws {
        let end = try await RunnerFixture().execute(RunnerFixture.program.string, arguments)
        #expect(end.status == 2 && end.errors.contains("no daemon's state directory"), "\(end.errors)")
    }

    @Test func `a database in use is not brought back`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        let end = try await daemon.run("state", "downgrade", status: 3)
        #expect(end.errors.contains("has served it since"), "\(end.errors)")
    }
}
