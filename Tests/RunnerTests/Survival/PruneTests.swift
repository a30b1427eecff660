import SystemPackage
import Testing

/// Objects are borrowed from the developer's repository, and `git gc` there takes what no branch has.
@Suite(.serialized) struct PruneTests {
    static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages:
          work: { cache: [{ key: k, paths: [c] }], run: "cat f; mkdir -p c; cp f c/f" }
        """

    @Test(arguments: ["auto", "none"])
    func `a run follows on one whose tree is gone`(isolation: String) async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline, "d/f": "1", "f": "one"])
        #expect(try await fixture.run("local", "--committed", "--isolation", isolation).status == 0)
        for (path, text) in [("f", "two"), ("d/f", "2")] { try fixture.write(text, to: path) }
        try await fixture.git("commit", "--quiet", "--all", "--amend", "--message", "Again")
        try await fixture.git("reflog", "expire", "--expire=now", "--all")
        try await fixture.git("gc", "--quiet", "--prune=now")
        let end = try await fixture.run("local", "--committed", "--isolation", isolation)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        #expect(end.output.contains("[work] two"), "\(end.output)")
    }
}
