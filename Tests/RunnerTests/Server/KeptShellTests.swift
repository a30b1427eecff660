import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

@testable import RunnerCommands

/// `runner shell` on a real pseudo-terminal, which `script` makes.
struct KeptShellTests {
    private static let stages = """
          good: { run: echo good }
          bad:
            env: { COLOR: blue }
            steps: [{ run: 'echo "PASSED=on" >> "$RUNNER_ENV"' }, { name: second, run: 'echo half > made; exit 3' }]

        """

    @Test func `the shell stands where the step failed`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch", status: 1)
        let command = "\(RunnerFixture.program) shell 1 bad"
        let script = "printf '%s\\n' \"$1\" exit | script -qec \"$0; echo ended-\\$?\" /dev/null"
        let lines = "echo in:$(pwd) made:$(cat made) $COLOR-$PASSED"
        let end = try await daemon.fixture.execute("/bin/sh", ["-c", script, command, lines])
        let shown = end.output.split(whereSeparator: \.isNewline).last { $0.hasPrefix("in:") } ?? ""
        #expect(shown == "in:/workspace made:half blue-on", "\(end.output)")
        #expect(end.output.contains("without secrets") && end.output.contains("ended-0"))
    }

    @Test func `what cannot be opened is said clearly`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--watch", status: 1)
        #expect(try await daemon.run("shell", "1", "bad", status: 2).errors.contains("no terminal"))
        #expect(try await daemon.run("shell", "1", "good", status: 2).errors.contains("only failed stages are kept"))
        #expect(try await daemon.run("shell", "1", "bda", status: 2).errors.contains("did you mean `bad`?"))
        #expect(try await daemon.run("shell", "1", "bad", "--json").output.contains("\"workspace\""))
        let kept = daemon.fixture.state.pushing("work/1-bad")
        try TreeRemoval.remove(kept)
        #expect(try await daemon.run("shell", "1", "bad", status: 2).errors.contains("not kept any more"))
    }

    @Test func `another machine's workspace is not here`() throws {
        var stage = StageView(
            name: "bad",
            isFinally: false,
            needs: [],
            status: .finished,
            attempt: 1,
            steps: [],
            artifacts: [],
            outputs: [:],
            phases: [:]
        )
        (stage.outcome, stage.keptWorkspace) = (.failed, "/nowhere/work/1-bad")
        let run = try #require(RunNumber(1))
        let error = #expect(throws: RunnerError.self) {
            try KeptWorkspace(of: stage, run: run, state: StateDirectory("/nowhere"))
        }
        #expect(error?.why?.contains("another machine ran it") == true)
    }
}
