import FoundationEssentials
import SystemPackage
import Testing

/// `runner plan` on a real repository.
struct PlanTests {
    private static let files = [
        "lock": "1\n",
        "pipelines/ci.yml": """
        name: ci
        on: { branches: [main] }
        concurrency: { group: "ci-${{ ref.name }}", policy: cancel-older }
        stages:
          lint: { run: "touch ran" }
          test:
            needs: [lint]
            matrix: { database: [sqlite, postgres] }
            env: { DB: "${{ matrix.database }}" }
            resources: { memory: 4GiB }
            cache: [{ key: "c-${{ hash('lock') }}", paths: [a] }, { key: "d-${{ run.number }}", paths: [b] }]
            run: "true"
          tagged: { if: "ref.kind == 'tag'", run: "true" }
          staging: { needs: [test], deploy: { environment: staging } }
        finally:
          report: { run: "true", needs-outcome: [failed] }
        """,
        "pipelines/release.yml": "name: release\non: { tags: [\"v*\"] }\nstages: { go: { run: \"true\" } }\n",
    ]

    private struct Document: Decodable {
        struct Pipeline: Decodable {
            let name: String
            let runs: Bool
            let stages: [Stage]
            let finally: [Stage]
        }

        struct Stage: Decodable {
            struct Value: Decodable {
                let text: String
                let settled: Bool
            }

            struct Cache: Decodable { let key: Value }

            let name: String
            let needs: [String]
            let verdict: String
            let env: [String: Value]
            let caches: [Cache]
        }

        let pipelines: [Pipeline]
    }

    @Test(arguments: [
        "plan for branch main", "runs because: branch main matches \"main\"", "concurrency: ci-main (cancel-older)",
        "test (sqlite) runs, after `lint`", "env: DB=postgres", "1 h at most, memory 4 GiB",
        "d-${{ run.number }} (settled at start) for b", "tagged skipped: if: ref.kind == 'tag' is false",
        "deploys to: staging; gates: decided by the server", "report may run: if the run has failed",
        "release: it has no `branches`",
    ])
    func `the plan says what runs and why`(text: String) async throws {
        let end = try await RunnerFixture(Self.files).run("plan")
        #expect(end.status == 0)
        #expect(end.output.contains(text), "\(end.output)")
    }

    @Test func `the document has every stage with its settled values`() async throws {
        let end = try await RunnerFixture(Self.files).run("plan", "--json")
        let document = try JSONDecoder().decode(Document.self, from: Data(end.output.utf8))
        #expect(document.pipelines.map(\.name) == ["ci", "release"])
        #expect(document.pipelines.map(\.runs) == [true, false])
        let stages = document.pipelines[0].stages
        #expect(stages.map(\.name) == ["lint", "test (sqlite)", "test (postgres)", "tagged", "staging"])
        #expect(stages.map(\.verdict) == ["runs", "runs", "runs", "skipped", "runs"])
        #expect(stages[4].needs == ["test (sqlite)", "test (postgres)"])
        #expect(stages[1].env["DB"]?.text == "sqlite")
        #expect(stages[1].caches.map(\.key.settled) == [true, false])
        #expect(stages[1].caches[0].key.text.count == 66)
        #expect(document.pipelines[0].finally.map(\.verdict) == ["depends"])
    }

    @Test func `planning runs nothing`() async throws {
        let fixture = try await RunnerFixture(Self.files)
        _ = try await fixture.run("plan")
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.state.appending("runs").string).isEmpty)
    }

    @Test func `selectors mean the same as for a run`() async throws {
        let end = try await RunnerFixture(Self.files).run("plan", "--tag", "v1", "--json")
        let document = try JSONDecoder().decode(Document.self, from: Data(end.output.utf8))
        #expect(document.pipelines.map(\.runs) == [false, true])
    }

    @Test func `all that is wrong is said at once`() async throws {
        let fixture = try await RunnerFixture(["pipelines/a.yml": "stages: { a: { rum: x } }\nenvv: {}\n"])
        let end = try await fixture.run("plan")
        #expect(end.status == 2)
        #expect(end.errors.contains("unknown key `rum`") && end.errors.contains("unknown key `envv`"))
    }
}
