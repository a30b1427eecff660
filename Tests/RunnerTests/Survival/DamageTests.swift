import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// Records and contents of the state directory that a crash or a stranger spoiled: done again or refused, never wrong.
@Suite(.serialized) struct DamageTests {
    static let files = [
        "f": "one",
        "pipelines/ci.yml": """
        name: ci
        on: { branches: ["**"] }
        stages:
          make:
            cache: [{ key: "k-${{ hash('f') }}", fallback: [k-], paths: [c] }]
            artifacts: { app: { paths: [dist] } }
            run: mkdir -p dist; cat f f > dist/app; cp f c/f
          take: { needs: [make], run: "cat f; cat $RUNNER_ARTIFACTS/app/dist/app" }
        """,
    ]

    private func spoil(_ fixture: RunnerFixture, _ script: String) async throws {
        let end = try await fixture.execute("/bin/sh", ["-e", "-c", "cd \"$RUNNER_STATE\"; \(script)"])
        try #require(end.status == 0, "\(end.errors)")
    }

    @Test(
        arguments: [
            "for f in layers/caches/keys/*; do echo '{\"x' > $f; done",
            "for f in layers/caches/keys/*; do : > $f; done",
            "for f in layers/caches/entries/*/meta.json; do echo '{' > $f; done",
            "rm -rf layers/caches/entries/*/0",
            "for f in layers/recent/*; do : > $f; done",
            "for f in layers/trees/*/meta.json; do : > $f; done",
            "rm layers/trees/*/meta.json",
            "for d in layers/trees/*/files; do mv $d $d.gone; done",
            "rm -rf layers/trees",
            "echo '{\"garb' > isolation.json",
            "echo '{}' > isolation.json",
            "rm -rf artifacts",
            "rm -rf layers work reserve artifacts",
            "echo nonsense > runs/1/run.json; : > runs/1/result.json",
            "mkdir runs/9223372036854775807 runs/-1 runs/0 runs/x",
            "rm -rf repositories",
        ],
        ["auto", "none"]
    )
    func `what is damaged is made again`(damage: String, isolation: String) async throws {
        let fixture = try await RunnerFixture(Self.files)
        #expect(try await fixture.run("local", "--isolation", isolation).status == 0)
        try await spoil(fixture, damage)
        for content in ["one", "two"] {
            try fixture.write(content, to: "f")
            let end = try await fixture.run("local", "--isolation", isolation)
            #expect(end.status == 0, "\(end.output)\(end.errors)")
            #expect(end.output.contains("[take] \(content)\(content)\(content)"), "\(end.output)")
        }
    }

    @Test(arguments: ["auto", "none"])
    func `a changed artifact is refused, then made again`(isolation: String) async throws {
        let fixture = try await RunnerFixture(Self.files)
        #expect(try await fixture.run("local", "--isolation", isolation).status == 0)
        try await spoil(fixture, "find artifacts/blobs -type f | while read f; do chmod u+w $f; echo evil > $f; done")
        let refused = try await fixture.run("local", "--isolation", isolation)
        #expect(refused.status == 3)
        #expect(refused.errors.contains("was changed"), "\(refused.errors)")
        let end = try await fixture.run("local", "--isolation", isolation)
        #expect(end.status == 0, "\(end.errors)")
        #expect(end.output.contains("[take] oneoneone"), "\(end.output)")
    }

    @Test func `six runs at once have six numbers`() async throws {
        let fixture = try await RunnerFixture(Self.files)
        try await withThrowingTaskGroup(of: RunnerFixture.End.self) { group in
            for _ in 1...6 { group.addTask { try await fixture.run("local") } }
            var numbers: Set<Substring> = []
            for try await end in group {
                #expect(end.status == 0, "\(end.output)\(end.errors)")
                numbers.insert(end.output.prefix { $0 != ":" })
            }
            #expect(numbers == ["run 1", "run 2", "run 3", "run 4", "run 5", "run 6"])
        }
    }
}
