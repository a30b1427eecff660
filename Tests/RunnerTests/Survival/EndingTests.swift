import Foundation
import Glibc
import Testing

/// Time limits and requests to end: in order first, at once when asked again.
@Suite(.serialized) struct EndingTests {
    static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages:
          work:
            env: { MARK: %MARK% }
            grace: %GRACE%
            run: |
              %TRAP%
              echo ready
              while :; do sleep 0.05; done
          later: { needs: [work], run: echo later }
        finally:
          last: { run: "echo last" }
        """

    private func fixture(_ mark: String, grace: String, trap: String) async throws -> RunnerFixture {
        let text = Self.pipeline.replacing("%MARK%", with: mark).replacing("%GRACE%", with: grace)
        return try await RunnerFixture(["pipelines/ci.yml": text.replacing("%TRAP%", with: trap)])
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], ["required", "none"])
    func `one signal ends a run in order`(signal: Int32, isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await fixture(mark, grace: "30s", trap: "trap 'echo bye; exit 1' TERM")
        let run = try HostileRun(fixture, "--isolation", isolation)
        try await fixture.stepSays("ready")
        kill(run.pid, signal)
        let end = try await run.end()
        #expect(end.status == 4, "\(end.text)")
        for words in ["[work] bye", "[work] canceled", "[later] skipped", "[last] last", "[last] succeeded"] {
            #expect(end.text.contains(words), "\(end.text)")
        }
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test func `a signal before the run starts cancels it`() async throws {
        let fixture = try await fixture(RunnerFixture.mark(), grace: "1s", trap: ":")
        try FileManager.default.createDirectory(atPath: "\(fixture.state)/layers", withIntermediateDirectories: true)
        // Whoever lays out a tree holds this lock: the command waits for it, and has no run yet.
        let lock = open("\(fixture.state)/layers/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(lock) }
        try #require(flock(lock, LOCK_EX) == 0)
        let run = try HostileRun(fixture)
        try await Await.until("the last step before the layout") {
            FileManager.default.fileExists(atPath: "\(fixture.state)/isolation.json")
        }
        kill(run.pid, SIGINT)
        #expect(try await run.end().status == 4)
    }

    @Test(arguments: ["required", "none"])
    func `a second signal ends it all at once`(isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await fixture(mark, grace: "60s", trap: "trap '' TERM INT HUP")
        let run = try HostileRun(fixture, "--isolation", isolation)
        try await fixture.stepSays("ready")
        kill(run.pid, SIGINT)
        try await Await.until("the cancel") {
            fixture.stateText("runs/1/events.jsonl")?.contains("cancelRequested") == true
        }
        kill(run.pid, SIGINT)
        let end = try await run.end()
        #expect(end.status == 4)
        #expect(end.text.contains("[last] skipped: killed on request"), "\(end.text)")
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test(arguments: ["    timeout: 1s\n", ""], ["required", "none"])
    func `a step that ignores SIGTERM is killed after its grace`(limit: String, isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let script = "trap '' TERM\n(setsid sleep 1000 &)\nwhile :; do sleep 0.05; done"
        let fixture: RunnerFixture
        if limit.isEmpty {
            let step =
                "name: s, timeout: 1s, run: \"trap '' TERM; (setsid sleep 1000 &); while :; do sleep 0.05; done\""
            fixture = try await RunnerFixture([
                "pipelines/ci.yml": """
                name: ci
                on: { branches: ["**"] }
                stages: { work: { env: { MARK: \(mark) }, grace: 1s, steps: [{ \(step) }] } }
                """
            ])
        } else {
            fixture = try await RunnerFixture.oneStage(script, mark: mark, keys: limit)
        }
        let start = ContinuousClock.now
        let end = try await fixture.run("local", "--isolation", isolation, seconds: 20)
        #expect(end.status == 5, "\(end.errors)")
        #expect(ContinuousClock.now - start > .milliseconds(1900))
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test func `a run under nohup outlives its terminal`() async throws {
        let fixture = try await RunnerFixture.oneStage("kill -HUP $(cat ../pid); sleep 0.2", mark: "x")
        let script = "trap '' HUP; echo $$ > ../pid; exec \(RunnerFixture.program) local --isolation none"
        let inside = script.replacing("../pid", with: "\(fixture.directory)/pid")
        let pipeline = "sed -i 's|../pid|\(fixture.directory)/pid|' pipelines/ci.yml"
        let end = try await fixture.execute("/bin/sh", ["-c", "\(pipeline); \(inside)"], seconds: 20)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
    }

    @Test func `a reader that goes away does not end a run`() async throws {
        let fixture = try await RunnerFixture.oneStage("seq 20000; sleep 0.2; exit 1", mark: "x")
        let script = "{ \(RunnerFixture.program) local 2>&1; echo $? > status; } | head -n 1; cat status"
        let end = try await fixture.execute("/bin/sh", ["-c", script], seconds: 20)
        #expect(end.output.hasSuffix("\n1\n"), "\(end.output)\(end.errors)")
        #expect(fixture.stateText("runs/1/result.json")?.contains("\"outcome\":\"failed\"") == true)
    }
}
