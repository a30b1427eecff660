import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

/// A run is begun once, whatever its starter goes through.
@Suite(.serialized) struct BeginTests {
    private static let stages = """
        stages:
          work: { run: "echo once >> ../../../count; \(SupervisedFixture.gate)" }
        """

    @Test func `of many supervisors one begins the run`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        let all = try (0..<5).map { _ in try fixture.supervise(run) }
        try await fixture.wait(forRunning: ["work"], of: run)
        let holder = try #require(run.holder())
        #expect(try holder.exists && run.isSupervised())
        for other in all where other.pid != holder.pid { #expect(other.wait() == 3) }
        try fixture.open("work", of: run)
        #expect(try await fixture.result(of: run).outcome == .succeeded)
        #expect(fixture.fixture.stateText("count") == "once\n")
        #expect(try fixture.supervise(run).wait() == 3)
        let said = try #require(fixture.fixture.stateText("runs/1/supervisor.log"))
        #expect(said.contains("another supervisor holds its lock") && said.contains("it was begun before"))
    }

    @Test func `a run whose supervisor was killed is not begun again`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        let first = try fixture.supervise(run)
        try await Await.until("the stage's work") { fixture.fixture.stateText("count") != nil }
        let holder = try #require(run.holder())
        kill(first.pid, SIGKILL)
        #expect(first.wait() == 137)
        try await Await.until("the lock's end") { (try? run.isSupervised()) == false }
        #expect(holder.pid == first.pid && !holder.exists && run.hasBegun)
        #expect(try fixture.supervise(run).wait() == 3)
        #expect(fixture.fixture.stateText("count") == "once\n")
    }

    @Test func `a supervisor that nobody hands secrets to begins nothing`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        let end = try await fixture.fixture.execute(
            RunnerFixture.program.string,
            ["supervise", "--state", fixture.state.path.string, "1"]
        )
        #expect(end.status == 0 && end.errors.isEmpty)
        #expect(!run.hasBegun)
    }

    @Test func `runner local leaves a daemon's state alone`() async throws {
        let fixture = try await RunnerFixture.oneStage("true", mark: "x")
        try FileSystem.write([UInt8](), to: fixture.state.appending("runner.db"))
        let end = try await fixture.run("local")
        #expect(end.status == 2)
        #expect(end.errors.contains("belongs to a daemon") && end.errors.contains("--state"), "\(end.errors)")
        #expect(FileSystem.names(in: fixture.state) == ["runner.db"])
    }
}
