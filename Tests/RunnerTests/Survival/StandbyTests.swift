import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

/// Supervisors that are started before there is a run for them.
@Suite(.serialized) struct StandbyTests {
    private static let stages = """
        stages:
          work:
            secrets: [S]
            artifacts: { length: { paths: [length] } }
            run: "echo ${#S} > length; [ ${#S} = 9 ]"
        """

    private func standby(_ fixture: SupervisedFixture) throws -> StandbySupervisor {
        try SupervisorProcess.standby(
            state: fixture.state,
            isolation: fixture.spec.isolation,
            program: RunnerFixture.program
        )
    }

    @Test(arguments: Isolation.allCases)
    func `a standby runs what it is given`(isolation: Isolation) async throws {
        let fixture = try await SupervisedFixture(Self.stages, isolation: isolation)
        let standby = try standby(fixture)
        let run = try fixture.prepare(1)
        let process = try standby.start(run, secrets: ["S": "123456789"])
        #expect(try await fixture.result(of: run).outcome == .succeeded)
        #expect(process.wait() == 0 && process.pid == standby.pid && run.holder()?.pid == standby.pid)
        #expect(try FileSystem.read(run.supervisorLog)?.isEmpty == true)
        #expect(Processes.carrying("\(fixture.fixture.directory)").isEmpty)
    }

    @Test func `what a standby says of its run goes to the run's log`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        try FileSystem.write([UInt8](), to: run.events)
        #expect(try standby(fixture).start(run, secrets: [:]).wait() == 3)
        #expect(fixture.fixture.stateText("runs/1/supervisor.log")?.contains("it was begun before") == true)
    }

    @Test(arguments: ["", "1", "1\\n"])
    func `a standby whose starter is gone ends quietly`(handed: String) async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        let script = "printf '\(handed)' | \(RunnerFixture.program) supervise --state \(fixture.state.path) --standby"
        let end = try await fixture.fixture.execute("/bin/sh", ["-c", script])
        #expect(end.status == 0 && end.output.isEmpty && end.errors.isEmpty)
        #expect(!run.hasBegun)
    }

    @Test func `a standby that was killed, or used, is replaced`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let standby = try standby(fixture)
        kill(standby.pid, SIGKILL)
        // Its command line goes before its descriptors: only a zombie has closed them all.
        try await Await.until("the standby's end") {
            let status = try? FileSystem.read(FilePath("/proc/\(standby.pid)/stat")).map {
                String(decoding: $0, as: UTF8.self)
            }
            return status?.contains(") Z ") == true
        }
        for number in 1...2 {
            let run = try fixture.prepare(number)
            let process = try standby.start(run, secrets: ["S": "123456789"])
            #expect(process.wait() == 0 && process.pid != standby.pid)
            #expect(try await fixture.result(of: run).outcome == .succeeded)
        }
    }

    @Test func `an unused standby ends with its owner`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        var standby: StandbySupervisor? = try standby(fixture)
        let pid = try #require(standby?.pid)
        standby = nil
        #expect(kill(pid, 0) != 0)
    }
}
