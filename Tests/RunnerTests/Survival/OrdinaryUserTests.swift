import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// The same for a user who may nothing: only root can become one, so elsewhere the other suites say it all.
@Suite(.serialized, .enabled(if: geteuid() == 0)) struct OrdinaryUserTests {
    private static let user = "12345"

    /// Gives all of the fixture away, with a program that the user can reach.
    private func give(_ fixture: RunnerFixture) async throws -> String {
        let program = fixture.directory.appending("runner").string
        // A copy, not a link: what is given away is the file, not the name.
        let script = "cp '\(RunnerFixture.program)' '\(program)'"
        let end = try await fixture.execute(
            "/bin/sh",
            ["-c", "\(script); chown -R \(Self.user) '\(fixture.directory)'"]
        )
        try #require(end.status == 0, "\(end.errors)")
        return program
    }

    private func run(_ fixture: RunnerFixture, _ script: String) async throws -> RunnerFixture.End {
        let path = "/root/.cargo/bin:/root/nothing:/usr/local/bin:/usr/bin:/bin"
        let options = ["--reuid", Self.user, "--regid", Self.user, "--clear-groups", "/bin/sh", "-c", script]
        return try await fixture.execute("/usr/bin/setpriv", options, ["PATH": path])
    }

    @Test(arguments: ["auto", "none"])
    func `an ordinary user's steps leave nothing behind`(isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let script = "id -u\n(setsid sleep 1000 &)\nnohup sleep 1000 > /dev/null 2>&1 &\necho done"
        let fixture = try await RunnerFixture.oneStage(script, mark: mark)
        let program = try await give(fixture)
        let end = try await run(fixture, "\(program) local --isolation \(isolation)")
        #expect(end.status == 0 && end.output.contains("[work] done"), "\(end.output)\(end.errors)")
        #expect(end.output.contains("[work] \(isolation == "auto" ? "1000" : Self.user)\n"), "\(end.output)")
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test(arguments: ["auto", "none"])
    func `nothing outlives an ordinary user's supervisor`(isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage("(setsid sleep 1000 &)\necho ready\nsleep 1000", mark: mark)
        let program = try await give(fixture)
        async let ended = run(fixture, "\(program) local --isolation \(isolation)")
        try await fixture.stepSays("ready")
        let supervisor = try await Await.value("a supervisor") {
            Processes.carrying(fixture.directory.string).first { $0.text.hasPrefix("\(program) supervise") }?.pid
        }
        kill(supervisor, SIGKILL)
        try await Await.until("the end of all of the run's processes", within: 1) { Processes.carrying(mark).isEmpty }
        #expect(try await ended.status == 3)
    }

    @Test func `a file that may not be read is named`() async throws {
        let fixture = try await RunnerFixture.oneStage("true", mark: "x")
        try fixture.write("secret", to: "unreadable")
        let program = try await give(fixture)
        let end = try await run(fixture, "chmod 000 unreadable; \(program) local")
        #expect(end.status == 2 || end.status == 3)
        #expect(end.errors.contains("unreadable") && end.errors.contains("Permission denied"), "\(end.errors)")
    }

    @Test func `another user's state directory is refused`() async throws {
        let fixture = try await RunnerFixture.oneStage("true", mark: "x")
        let program = try await give(fixture)
        chown(fixture.state.string, 0, 0)
        let end = try await run(fixture, "\(program) local")
        #expect(end.status == 3)
        #expect(end.errors.contains("cannot use the state directory"), "\(end.errors)")
    }
}
