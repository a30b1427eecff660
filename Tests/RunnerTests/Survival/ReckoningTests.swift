import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

/// What is known of a run whose supervisor was killed.
@Suite(.serialized) struct ReckoningTests {
    private static let stages = """
        stages:
          done: { run: "true" }
          bad: { retry: { attempts: 2, on: [failed] }, run: "false" }
          off: { if: "ref.name == 'nowhere'", run: "true" }
          stuck: { run: "\(SupervisedFixture.gate)" }
          later: { needs: [stuck], run: "true" }
        finally:
          last: { run: "true" }
        """

    @Test func `stages that ended keep their outcome, the others are errored`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        let supervisor = try fixture.supervise(run)
        try await fixture.wait(forRunning: ["stuck"], of: run)
        try await Await.until("the other stages' ends") { run.stageResults.count == 2 }
        try await Await.until("the second attempt's end") { run.stageResults[StageID("bad")]?.attempt == 2 }
        kill(supervisor.pid, SIGKILL)
        #expect(supervisor.wait() == 137)
        let result = RunReckoning.result(of: run, plan: fixture.spec.plan, because: "the supervisor was killed")
        #expect(result.outcome == .errored && result.reason == "the supervisor was killed")
        #expect(result.stages.map(\.stage.description) == ["done", "bad", "off", "stuck", "later", "last"])
        #expect(result.stages.map(\.outcome) == [.succeeded, .failed, .skipped, .errored, .errored, .errored])
        #expect(result.stages[1].attempt == 2 && result.stages[3].reason == "it left no result")
        #expect(result.stages[4].reason == "it had not begun when the supervisor ended")
        #expect(result.seconds < 20 && !FileSystem.exists(run.result))
    }

    @Test func `a success that is only told is not believed`() async throws {
        let fixture = try await SupervisedFixture("stages: { done: { run: 'true' } }")
        _ = try await fixture.run(1)
        let run = RunDirectory(fixture.state.runs.appending("1"), number: fixture.spec.number)
        try TreeRemoval.remove(run.stage(StageID("done")).result)
        let result = RunReckoning.result(of: run, plan: fixture.spec.plan, because: "x")
        #expect(result.stages.map(\.outcome) == [.errored])
    }
}
