import FoundationEssentials
import RunnerAPI
import RunnerCore
import Testing

/// Outcomes that are taken on a server, and what `runner explain` says of them.
struct ReuseTests {
    private func daemon(_ stage: String = "reuse: true, run: cat file") async throws -> DaemonFixture {
        let pipeline = """
            name: ci
            on: { branches: ["**"], tags: ["**"], manual: {} }
            stages: { test: { \(stage) } }

            """
        return try await DaemonFixture(["pipelines/ci.yml": pipeline, "file": "first\n"])
    }

    private func explanation(of run: Int, _ daemon: DaemonFixture) async throws -> StageExplanationView {
        try await daemon.document(StageExplanationView.self, "explain", "\(run)", "test")
    }

    private func ended(_ run: Int, _ daemon: DaemonFixture) async throws -> StageView {
        try await daemon.wait(for: run) { $0.run.outcome != nil }
        return try #require(try await daemon.detail(run).stages.first)
    }

    @Test func `a tag on a tree that is proven runs nothing again`() async throws {
        let daemon = try await daemon()
        let first = try await daemon.push()
        #expect(try await ended(first, daemon).reusedFrom == nil)
        let second = try await daemon.pushTag("v1.0.0")
        let stage = try await ended(second, daemon)
        #expect(stage.outcome == .succeeded && stage.reusedFrom == first)
        let explanation = try await explanation(of: second, daemon)
        #expect(explanation.decision == .taken && explanation.other == first && explanation.trust == .protected)
        let logs = try await daemon.run("logs", "\(second)")
        #expect(logs.output.contains("first"))
    }

    @Test func `what any branch left is taken by branches, not by a release`() async throws {
        let daemon = try await daemon()
        let first = try await daemon.push(to: "feature")
        _ = try await ended(first, daemon)
        let second = try await daemon.push("Nothing", to: "feature")
        #expect(try await ended(second, daemon).reusedFrom == first)
        let release = try await daemon.pushTag("v1.0.0")
        #expect(try await ended(release, daemon).reusedFrom == nil)
        let explanation = try await explanation(of: release, daemon)
        #expect(explanation.decision == .refused && explanation.reason?.contains("not protected") == true)
    }

    @Test func `a miss names what was different`() async throws {
        let daemon = try await daemon("reuse: true, env: { A: \"1\" }, run: cat file")
        let first = try await daemon.push()
        _ = try await ended(first, daemon)
        try daemon.fixture.write("second\n", to: "file")
        let pipeline =
            "name: ci\non: { branches: [\"**\"] }\nstages: { test: { reuse: true, env: { A: \"2\" }, run: cat file } }\n"
        try daemon.fixture.write(pipeline, to: "pipelines/ci.yml")
        let second = try await daemon.push()
        _ = try await ended(second, daemon)
        let explanation = try await explanation(of: second, daemon)
        #expect(explanation.decision == .missed && explanation.other == first)
        #expect(explanation.differences.map(\.component) == ["environment", "inputs"])
        #expect(explanation.differences.first?.details == ["A: \"1\" -> \"2\""])
        #expect(explanation.differences.last?.details == ["changed: file", "changed: pipelines/ci.yml"])
        let text = try await daemon.run("explain", "\(second)", "test").output
        #expect(text.contains("other inputs:\n    changed: file"))
    }

    @Test func `a run without reuse takes nothing`() async throws {
        let daemon = try await daemon()
        let first = try await daemon.push()
        _ = try await ended(first, daemon)
        try await daemon.run("run", "ci", "--no-reuse", "--watch")
        #expect(try await explanation(of: first + 1, daemon).decision == .ignored)
        try await daemon.run("run", "ci", "--watch")
        #expect(try await explanation(of: first + 2, daemon).decision == .taken)
    }

    @Test func `there is nothing to explain without reuse, a run or a stage`() async throws {
        let daemon = try await daemon("run: cat file")
        let first = try await daemon.push()
        _ = try await ended(first, daemon)
        #expect(try await daemon.run("explain", "\(first)", "test", status: 2).errors.contains("declares no `reuse`"))
        #expect(try await daemon.run("explain", "\(first)", "tset", status: 2).errors.contains("tset"))
        #expect(try await daemon.run("explain", "77", "test", status: 2).errors.contains("run 77"))
    }
}
