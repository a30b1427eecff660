import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// `runner cache`, beside a daemon and without one.
@Suite struct CacheCommandTests {
    private static let stages = """
          build:
            cache: [{ key: "k-${{ hash('lock') }}", fallback: [k-], paths: [deps] }]
            run: cat deps/* 2>/dev/null || true; cp lock deps/$(cat lock)

        """

    private static func files(_ stages: String = stages) -> [String: String] {
        [
            "pipelines/ci.yml": "name: ci\non: { branches: [\"**\"], manual: {} }\nstages:\n\(stages)",
            ".gitignore": "deps/\n", "lock": "one",
        ]
    }

    private func local(_ fixture: RunnerFixture) async throws -> String {
        let end = try await fixture.run("local")
        #expect(end.status == 0, "\(end.errors)")
        return end.output + end.errors
    }

    private func document<T: Decodable>(_ type: T.Type, _ fixture: RunnerFixture, _ words: String...) async throws -> T
    {
        let end = try await fixture.execute(RunnerFixture.program.string, ["cache"] + words + ["--local", "--json"])
        try #require(end.status == 0, "\(end.errors)")
        return try APIJSON.decode(type, from: Data(end.output.utf8))
    }

    @Test func `caches of local runs are listed, explained and removed`() async throws {
        let fixture = try await RunnerFixture(Self.files())
        #expect(try await local(fixture).contains("(nothing is saved yet)"))
        try fixture.write("two", to: "lock")
        _ = try await local(fixture)
        let page = try await document(Page<CacheView>.self, fixture, "list")
        #expect(
            page.items.count == 2 && page.items.allSatisfy { $0.paths == ["deps"] && $0.damage == nil && !$0.isInUse }
        )
        #expect(page.items.map(\.run) == [2, 1])
        let explained = try await document(StageCachesView.self, fixture, "explain", "2", "build")
        let cache = try #require(explained.caches.first)
        #expect(cache.finding == "fallback" && cache.saved != nil && cache.freshFiles == 1)
        #expect(cache.candidates.map(\.id) == [page.items[1].id])
        let text = try await fixture.run("cache", "explain", "2", "build", "--local").output
        #expect(text.contains("taken: its key begins with `k-`") && text.contains("1 file got a fresh time"))
        let shown = try await fixture.run("cache", "show", page.items[1].key, "--local").output
        #expect(shown.contains("by run 1 of main"))
        let removed = try await document(CacheRemovalView.self, fixture, "remove", page.items[1].key)
        #expect(removed.removed.map(\.id) == [page.items[1].id])
        // What the other lies over stays.
        #expect(try await local(fixture).contains("cache hit: k-"))
        #expect(try await document(CacheRemovalView.self, fixture, "remove", "--all").removed.count == 1)
        #expect(try await document(Page<CacheView>.self, fixture, "list").items.isEmpty)
    }

    @Test(arguments: [
        (["show", "../../x"], "there is no cache"), (["remove", "nothing"], "there is no cache"),
        (["explain", "9", "build"], "has no stage"), (["remove"], "--all"),
    ])
    func `what is not there is wrong input`(_ words: [String], _ says: String) async throws {
        let fixture = try await RunnerFixture()
        let end = try await fixture.execute(RunnerFixture.program.string, ["cache"] + words + ["--local"])
        #expect(end.status == 2 && end.errors.contains(says), "\(end.errors)")
    }

    @Test func `a miss names what comes nearest`() async throws {
        let fixture = try await RunnerFixture(Self.files(Self.stages.replacing(", fallback: [k-]", with: "")))
        _ = try await local(fixture)
        try fixture.write("two", to: "lock")
        let said = try await local(fixture)
        #expect(said.contains(/cache miss: k-\w+ \(nearest: k-\w+ of run 1, no fallback names it\)/), "\(said)")
    }

    @Test func `a daemon's caches are listed, kept while a stage uses them, and removed for the record`() async throws {
        let stages = """
              build:
                cache: [{ key: k, paths: [deps] }]
                run: test -e deps/lock || cp lock deps/lock; sleep 4; cat deps/lock

            """
        let daemon = try await DaemonFixture(
            Self.files(stages),
            settings: "disk: { budgets: { caches: { size: 1KiB } } }\n"
        )
        let first = try await daemon.start()
        try await daemon.wait(for: first) { $0.run.status == .finished }
        let second = try await daemon.start()
        try await daemon.wait(for: second) { $0.stages.first?.steps.first?.log != nil }
        let held = try await daemon.document(Page<CacheView>.self, "cache", "list", "--repository", "web")
        #expect(held.items.map(\.isInUse) == [true])
        let refused = try await daemon.run("cache", "remove", "--all", status: 3)
        #expect(refused.errors.contains("a stage uses it"))
        try await daemon.run("gc", "--config", daemon.fixture.directory.appending("runner.yml").string)
        try await daemon.wait(for: second) { $0.run.status == .finished }
        #expect(try await daemon.detail(second).run.outcome == .succeeded)
        #expect(try await daemon.run("logs", "\(second)").output.contains("one"))
        let explained = try await daemon.document(StageCachesView.self, "cache", "explain", "\(second)", "build")
        #expect(explained.caches.first?.finding == "exact")
        let items = try await daemon.document(Page<CacheView>.self, "cache", "list").items
        try await daemon.run("cache", "remove", try #require(items.first?.key))
        #expect(try await daemon.document(Page<CacheView>.self, "cache", "list").items.isEmpty)
        #expect(try await daemon.run("audit").output.contains("cache-removed"))
        try await daemon.run("cache", "list", "--repository", "none", status: 2)
    }
}
