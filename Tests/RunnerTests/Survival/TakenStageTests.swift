import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

/// Runs that bring outcomes of an earlier one along, as `rerun` makes them.
@Suite(.serialized) struct TakenStageTests {
    private static let stages = """
        stages:
          make:
            artifacts: { app: { paths: [dist] } }
            reports: { junit: "*.xml" }
            run: |
              echo made >> ../../../count
              mkdir dist; echo bytes > dist/app; echo "<x/>" > a.xml
              echo "n=7" >> $RUNNER_OUTPUT
          other: { run: "echo other >> ../../../count" }
          take:
            needs: [make]
            env: { N: "${{ needs.make.outputs.n }}" }
            run: "echo $N $(cat $RUNNER_ARTIFACTS/app/dist/app); [ -e ../../../good ]"
        finally:
          last: { run: "true" }
        """

    /// A run whose stage `take` fails, and the outcome of `make` of it.
    private func failed(_ fixture: SupervisedFixture) async throws -> TakenStage {
        let result = try await fixture.run(1)
        #expect(result.outcome == .failed)
        try FileSystem.write([UInt8](), to: fixture.state.path.appending("good"))
        return TakenStage(stage: StageID("make"), run: result.number, result: try #require(result.stages.first))
    }

    private func rerun(_ fixture: SupervisedFixture, _ taken: TakenStage) async throws -> RunResult {
        try await fixture.run(2) {
            $0.taken = [taken]
            $0.selected = [StageID("take"), StageID("last")]
        }
    }

    private func timesMade(_ fixture: SupervisedFixture) -> Int? {
        fixture.fixture.stateText("count")?.split(separator: "\n").filter { $0 == "made" }.count
    }

    @Test func `a taken stage hands its artifacts and outputs on`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let taken = try await failed(fixture)
        let result = try await rerun(fixture, taken)
        #expect(result.outcome == .succeeded)
        #expect(result.stages.map(\.outcome) == [.succeeded, .skipped, .succeeded, .succeeded])
        #expect(result.stages[0].reusedFrom == taken.run && result.stages[0].artifacts == taken.result.artifacts)
        #expect(result.stages[1].reason == "not selected")
        #expect(timesMade(fixture) == 1)
        let run = RunDirectory(fixture.state.runs.appending("2"), number: result.number)
        let (make, take) = (run.stage(StageID("make")), run.stage(StageID("take")))
        #expect(FileSystem.exists(make.path.pushing("reports/junit/a.xml")))
        let log = try #require(result.stages[0].steps.first?.log)
        #expect(FileSystem.exists(make.path.appending(log)) && FileSystem.exists(make.result))
        let text = try FileSystem.read(take.path.appending(result.stages[2].steps[0].log ?? ""))
        #expect(text.map { String(decoding: $0, as: UTF8.self) } == "7 bytes\n")
    }

    @Test(arguments: ["chmod u+w $f; echo evil > $f", "rm -f $f"])
    func `a taken stage whose artifact is damaged runs again`(damage: String) async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let taken = try await failed(fixture)
        let script = "cd $RUNNER_STATE/artifacts; rm -rf trees; find blobs -type f | while read f; do \(damage); done"
        #expect(try await fixture.fixture.execute("/bin/sh", ["-c", script]).status == 0)
        let result = try await rerun(fixture, taken)
        #expect(result.outcome == .succeeded)
        #expect(result.stages[0].outcome == .succeeded && result.stages[0].reusedFrom == nil)
        #expect(timesMade(fixture) == 2)
    }

    @Test func `a taken stage outlives the logs of its run`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let taken = try await failed(fixture)
        try TreeRemoval.remove(fixture.state.runs.appending("1"))
        let result = try await rerun(fixture, taken)
        #expect(result.outcome == .succeeded && result.stages[0].steps.allSatisfy { $0.log == nil })
    }

    @Test func `with nothing taken or selected nothing runs`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let result = try await fixture.run(1) { $0.selected = [] }
        #expect(result.outcome == .skipped && result.stages.allSatisfy { $0.outcome == .skipped })
    }
}
