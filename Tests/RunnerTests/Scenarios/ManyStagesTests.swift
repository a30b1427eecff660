import FoundationEssentials
import Testing

/// Plans of the largest size that is taken.
@Suite struct ManyStagesTests {
    /// A thousand stages, every third with needs.
    private static let pipeline = """
        on: { branches: ["**"] }
        stages:
        \((0..<1000).map(stage).joined(separator: "\n"))
        """

    private static func stage(_ number: Int) -> String {
        let needs = number >= 10 && number % 3 == 0 ? ", needs: [s\(number - 10), s\(number - 7)]" : ""
        return "  s\(number): { run: 'true'\(needs) }"
    }

    @Test(.timeLimit(.minutes(5))) func `a thousand stages run`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let end = try await fixture.run("local", "--json", "--isolation", "none", "--jobs", "4", seconds: 240)
        try #require(end.status == 0, "\(end.errors)")
        let document = try JSONDecoder().decode(LocalDocument.self, from: Data(end.output.utf8))
        #expect(document.stages.count == 1000)
        #expect(document.stages.allSatisfy { $0.outcome == "succeeded" })
    }

    @Test func `one stage more is refused`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline + "\n  more: { run: 'true' }"])
        let end = try await fixture.run("local")
        #expect(end.status == 2)
        #expect(end.errors.contains("it has 1001 stages, matrix expanded, and this machine takes 1000"))
    }
}
