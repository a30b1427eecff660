import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// What a daemon makes of refs that move in a repository on this machine.
@Suite struct ServeTriggerTests {
    @Test func `a push is run at once, with the pipeline of its very commit`() async throws {
        let served = try await ServedRepository(stages: "  old: { run: \"true\" }\n")
        let daemon = try await served.serve()
        try served.fixture.write(
            "name: ci\non: { branches: [main] }\nstages:\n  new: { run: echo $RUNNER_COMMIT }\n",
            to: "pipelines/ci.yml"
        )
        let commit = try await served.push()
        let run = try await served.end(of: 1)
        #expect(run.outcome == .succeeded)
        #expect(run.event.commit?.description == commit)
        #expect(run.cause == "branch main matches \"main\"")
        #expect(try served.output(of: "new", run: 1) == "\(commit)\n")
        #expect(daemon.end() == 0)
    }

    @Test func `the first sight of a repository runs nothing, unless it is asked to`() async throws {
        let quiet = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let daemon = try await quiet.serve()
        try await quiet.push(to: "later")
        #expect(try await quiet.end(of: 1).event.shortRef == "later")
        daemon.end()
        let eager = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        try "repositories:\n  web: { url: \(eager.bare), first-run: true }\n"
            .write(toFile: eager.configuration.string, atomically: false, encoding: .utf8)
        let other = try await eager.serve()
        #expect(try await eager.end(of: 1).event.shortRef == "main")
        other.end()
    }

    @Test func `branches, tags and hotfixes find their pipelines`() async throws {
        let served = try await ServedRepository([
            "pipelines/staging.yml": "name: staging\non: { branches: [develop] }\nstages:\n  go: { run: \"true\" }\n",
            "pipelines/release.yml": "name: release\non: { tags: [\"v*\"] }\nstages:\n  go: { run: \"true\" }\n",
            "pipelines/hotfix.yml":
                "name: hotfix\non: { branches: [\"hotfix/*\"] }\nstages:\n  go: { run: \"true\" }\n",
        ])
        let daemon = try await served.serve()
        try await served.push(to: "develop")
        try await served.fixture.git("tag", "v1.0.0")
        try await served.fixture.git("push", "--quiet", "origin", "v1.0.0")
        try await served.push(to: "hotfix/login")
        let runs = try await served.runs("three runs") { $0.count == 3 && $0.allSatisfy(\.status.isFinished) }
        #expect(runs.map(\.pipeline) == ["staging", "release", "hotfix"])
        #expect(runs.map(\.event.kind) == [.push, .tag, .push])
        #expect(runs.map(\.priority) == [.develop, .tag, .hotfix])
        daemon.end()
    }

    @Test func `a commit that says so is skipped, visibly`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let daemon = try await served.serve()
        try await served.push("Fix a comment [skip ci]")
        let run = try await served.end(of: 1)
        #expect(run.outcome == .skipped)
        #expect(run.reason == "the commit's message says `[skip ci]`")
        daemon.end()
    }

    @Test func `a pipeline file with errors is a run that failed, with every finding`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let daemon = try await served.serve()
        try served.fixture.write(
            "name: ci\non: { branches: [main] }\nstagse:\n  go: { run: \"true\" }\n",
            to: "pipelines/ci.yml"
        )
        try await served.push()
        let run = try await served.end(of: 1)
        #expect(run.outcome == .failed)
        #expect(run.reason?.contains("pipelines/ci.yml:3:1") == true)
        daemon.end()
    }

    @Test func `a deleted branch ends its runs that wait`() async throws {
        let served = try await ServedRepository(
            stages: "  go: { run: \"while [ ! -e /var/tmp/never ]; do sleep 0.1; done\" }\n",
            settings: "slots: 1\n"
        )
        let daemon = try await served.serve()
        try await served.push(to: "first")
        _ = try await served.runs("a running run") { $0.first?.status == .running }
        try await served.push(to: "second")
        _ = try await served.runs("a waiting run") { $0.count == 2 }
        try await served.fixture.git("push", "--quiet", "origin", ":refs/heads/second")
        let run = try await served.end(of: 2)
        #expect(run.outcome == .canceled)
        #expect(run.reason?.contains("branch second was deleted") == true)
        try Inbox(served.directory(1).inbox).send(.kill)
        #expect(try await served.end(of: 1).outcome == .canceled)
        daemon.end()
    }

    @Test func `a moved tag starts nothing`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n", trigger: #"{ tags: ["v*"] }"#)
        let daemon = try await served.serve()
        try await served.fixture.git("tag", "v1")
        try await served.fixture.git("push", "--quiet", "origin", "v1")
        #expect(try await served.end(of: 1).outcome == .succeeded)
        try await served.fixture.commit("Another")
        try await served.fixture.git("tag", "--force", "v1")
        try await served.fixture.git("push", "--quiet", "--force", "origin", "v1")
        try await Await.until("the move to be seen") { daemon.hasSaid("tag v1 moved from") }
        try await served.fixture.git("tag", "v2")
        try await served.fixture.git("push", "--quiet", "origin", "v2")
        #expect(try await served.end(of: 2).event.shortRef == "v2")
        daemon.end()
    }
}
