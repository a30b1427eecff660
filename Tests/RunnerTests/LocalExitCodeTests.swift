import Testing

/// `runner local` from a repository to its exit code.
struct LocalExitCodeTests {
    private static func pipeline(_ stage: String) -> [String: String] {
        ["pipelines/ci.yml": "name: ci\non: { branches: [\"**\"] }\nstages:\n  one: \(stage)\n"]
    }

    @Test(arguments: [
        ("{ run: \"true\" }", 0),
        ("{ run: exit 7 }", 1),
        ("{ rum: \"true\" }", 2),
        ("{ run: sleep 60, timeout: 1s, grace: 1s }", 5),
    ])
    func `the exit code says how the run ended`(stage: String, code: Int) async throws {
        let fixture = try await RunnerFixture(Self.pipeline(stage))
        let end = try await fixture.run("local")
        #expect(end.status == Int32(code), "\(end.output)\(end.errors)")
    }
}
