import FoundationEssentials
import RunnerAPI
import RunnerCore
import SystemPackage
import Testing

/// `runner run`, `list` and `show` against a real daemon.
struct RunCommandTests {
    private static let stages = """
          good: { run: echo good }
          bad: { needs: [good], steps: [{ name: first, run: echo one }, { name: second, run: exit 3 }] }

        """

    @Test func `a run is started, followed and shown`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        let end = try await daemon.run("run", "ci", "--repository", "web", "--ref", "main", "--watch", status: 1)
        let lines = end.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("run 1: ci (") == true)
        #expect(lines.contains("[good] good") && lines.contains("[bad] one"))
        #expect(lines.last?.hasPrefix("failed in ") == true, "\(end.output)")
        #expect(end.errors.contains("try: runner logs 1 bad") && end.errors.contains("runner shell 1 bad"))
        let shown = try await daemon.run("show", "1").output
        #expect(shown.hasPrefix("run 1: ci of web  failed in "))
        #expect(shown.contains("step `second`: exit status 3") && shown.contains("try: runner rerun 1 --from-failed"))
        let detail = try await daemon.detail(1)
        #expect(detail.stages.map(\.outcome) == [.succeeded, .failed] && detail.run.outcome == .failed)
    }

    @Test func `without watching, the number is the answer`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        #expect(try await daemon.run("run", "ci").output == "run 1\n")
        #expect(try await daemon.start("--stage", "good") == 2)
        #expect(try await daemon.run("watch", "2", "--quiet").output.contains("succeeded in"))
    }

    @Test func `inputs reach the run`() async throws {
        let pipeline = """
            name: ci
            on: { manual: { inputs: { who: { default: world } } } }
            stages: { greet: { env: { WHO: "${{ inputs.who }}" }, run: 'echo "hello $WHO"' } }
            """
        let daemon = try await DaemonFixture(["pipelines/ci.yml": pipeline])
        #expect(try await daemon.run("run", "ci", "--input", "who=Ada", "--watch").output.contains("[greet] hello Ada"))
        #expect(try await daemon.detail(1).inputs == ["who": "Ada"])
    }

    @Test(arguments: [
        ["run", "nope"], ["run", "ci", "--ref", "nope"], ["show", "99"], ["watch", "99"], ["logs", "99"],
    ])
    func `what is not there is wrong input`(arguments: [String]) async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        let end = try await daemon.fixture.execute(RunnerFixture.program.string, arguments)
        #expect(end.status == 2 && end.errors.hasPrefix("error: ") && end.output.isEmpty, "\(end.errors)")
    }

    @Test func `lists are narrowed and continued`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run("run", "ci", "--stage", "good", "--watch")
        try await daemon.run("run", "ci", "--watch", status: 1)
        func numbers(_ arguments: String...) async throws -> [Int] {
            let end = try await daemon.fixture.execute(
                RunnerFixture.program.string,
                ["list", "--json"] + arguments
            )
            return try APIJSON.decode(Page<RunSummary>.self, from: Data(end.output.utf8)).items.map(\.number)
        }
        #expect(try await numbers() == [2, 1])
        #expect(try await numbers("--outcome", "failed") == [2])
        #expect(try await numbers("--outcome", "failed", "--outcome", "succeeded", "--since", "1h") == [2, 1])
        #expect(try await numbers("--open") == [])
        #expect(try await numbers("--pipeline", "other") == [])
        #expect(try await numbers("--ref", "ma*", "--repository", "web") == [2, 1])
        let first = try await daemon.run("list", "--limit", "1")
        #expect(first.output.split(separator: "\n").count == 2 && first.errors.contains("--before 2"))
        #expect(try await numbers("--before", "2") == [1])
    }

    @Test func `names and messages of strangers cannot move the cursor`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        let run = try await daemon.push("Evil \u{1b}[2Jmessage\u{7}")
        for command in [["list"], ["show", "\(run)"]] {
            let end = try await daemon.fixture.execute(RunnerFixture.program.string, command)
            #expect(end.output.contains("Evil message") && !end.output.contains("\u{1b}"), "\(end.output)")
        }
    }
}
