import SystemPackage
import Testing

/// Machines and users with few descriptors.
@Suite(.serialized) struct DescriptorTests {
    private func run(_ fixture: RunnerFixture, _ limit: String, _ isolation: String) async throws -> RunnerFixture.End {
        let command = "\(limit); exec \(RunnerFixture.program) local --jobs 24 --isolation \(isolation)"
        return try await fixture.execute("/bin/sh", ["-c", command], seconds: 40)
    }

    @Test(arguments: ["auto", "none"])
    func `more stages than descriptors all end`(isolation: String) async throws {
        let stages = (1...24).map { "  s\($0): { run: \"sleep 0.1\" }\n" }.joined()
        let fixture = try await RunnerFixture([
            "pipelines/ci.yml": "name: ci\non: { branches: [\"**\"] }\nstages:\n\(stages)"
        ])
        let end = try await run(fixture, "ulimit -n 128", isolation)
        #expect(end.status == 0, "\(end.errors.suffix(2000))")
    }

    @Test(arguments: ["auto", "none"])
    func `a soft limit binds steps, not the supervisor`(isolation: String) async throws {
        let stages = (1...24).map { "  s\($0): { run: \"ulimit -S -n; sleep 0.1\" }\n" }.joined()
        let fixture = try await RunnerFixture([
            "pipelines/ci.yml": "name: ci\non: { branches: [\"**\"] }\nstages:\n\(stages)"
        ])
        let end = try await run(fixture, "ulimit -S -n 100", isolation)
        #expect(end.status == 0, "\(end.errors.suffix(2000))")
        #expect(end.output.contains("[s1] 100\n") && end.output.contains("[s24] 100\n"), "\(end.output.suffix(2000))")
    }
}
