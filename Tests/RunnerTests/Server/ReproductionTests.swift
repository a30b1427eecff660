import FoundationEssentials
import RunnerAPI
import RunnerCore
import SystemPackage
import Testing

/// `runner local --run`: a server's run here.
struct ReproductionTests {
    private struct Document: Decodable {
        struct Stage: Decodable {
            let name: String
            let outcome: Outcome
        }
        let commit: String
        let outcome: Outcome
        let stages: [Stage]
        let differences: [String]
    }

    private static let stages = """
          good: { run: 'git log --oneline 2>/dev/null || true; cat file' }
          bad: { needs: [good], run: 'exit 3' }

        """

    private func daemon() async throws -> DaemonFixture {
        let pipeline = "name: ci\non: { branches: [\"**\"], manual: {} }\nstages:\n\(Self.stages)"
        return try await DaemonFixture(["pipelines/ci.yml": pipeline, "file": "first\n"])
    }

    @Test func `the same commit runs, whatever the clone is at`() async throws {
        let daemon = try await daemon()
        try await daemon.run("run", "ci", "--watch", status: 1)
        let commit = try await daemon.detail(1).run.commit
        try daemon.fixture.write("second\n", to: "file")
        try await daemon.fixture.commit("Go on")
        let document = try await daemon.document(
            Document.self,
            "local",
            "--run",
            "1",
            "--state",
            daemon.own.string,
            status: 1
        )
        #expect(document.commit == commit && document.differences.isEmpty, "\(document.differences)")
        #expect(document.stages.map(\.outcome) == [.succeeded, .failed])
        let part = try await daemon.run("local", "--run", "1", "--stage", "good", "--state", daemon.own.string)
        #expect(part.output.contains("[good] first") && !part.output.contains("[bad]"))
        #expect(!part.errors.contains("differs:"), "\(part.errors)")
    }

    @Test func `what differs is said`() async throws {
        let daemon = try await daemon()
        try await daemon.run("run", "ci", "--watch", status: 1)
        let path = "\(daemon.fixture.environment["PATH"] ?? ""):/opt/nowhere"
        let end = try await daemon.fixture.run(
            "local",
            "--run",
            "1",
            "--state",
            daemon.own.string,
            "--isolation",
            "none",
            environment: ["PATH": path]
        )
        #expect(end.status == 1)
        #expect(end.errors.contains("differs: isolation: sandbox there, none here"), "\(end.errors)")
        #expect(end.errors.contains("differs: PATH: /opt/nowhere only here"), "\(end.errors)")
    }

    @Test func `a commit that is not here has to be fetched`() async throws {
        let daemon = try await daemon()
        try await daemon.run("run", "ci", "--watch", status: 1)
        let other = try await RunnerFixture()
        let end = try await other.run(
            "local",
            "--run",
            "1",
            "--server",
            "unix://\(daemon.socket)",
            "--state",
            other.state.string
        )
        #expect(end.status == 2 && end.errors.contains("this clone does not have its commit"), "\(end.errors)")
        #expect(end.errors.contains("try: git fetch \(daemon.bare) refs/heads/main"))
    }

    @Test(arguments: [["--branch", "x"], ["--pipeline", "ci"], ["--committed"], ["--input", "a=b"]])
    func `nothing else can say what to run`(selector: [String]) async throws {
        let arguments = ["local", "--run", "1"] + selector
        let end = try await RunnerFixture().execute(RunnerFixture.program.string, arguments)
        #expect(end.status == 2 && end.errors.contains("exclude each other"))
    }
}
