import Foundation
import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// A daemon that is killed at any point loses nothing and runs nothing twice.
@Suite(.serialized) struct ServeChaosTests {
    /// Each push is a branch of its own with a commit of its own; each stage writes the commit's name.
    @Test func `of 200 pushes each is one run, however often the daemon is killed`() async throws {
        let served = try await ServedRepository(
            stages: "  go: { run: \"for i in 1 2 3; do echo $RUNNER_COMMIT; done\" }\n",
            settings: "slots: 4\nisolation: none\n"
        )
        var daemon = try await served.serve()
        let (batches, perBatch) = (20, 10)
        var commits: Set<String> = []
        for batch in 0..<batches {
            for index in 0..<perBatch {
                try await served.fixture.commit("Change \(batch).\(index)")
                let commit = try await served.fixture.git("rev-parse", "HEAD")
                commits.insert(commit.trimmingCharacters(in: .whitespacesAndNewlines))
                try await served.fixture.git("branch", "b\(batch)-\(index)")
            }
            try await served.fixture.git("push", "--quiet", "origin", "refs/heads/b\(batch)-*:refs/heads/b\(batch)-*")
            // Somewhere between the first look and the last run of the batch.
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<150)))
            daemon.end(SIGKILL)
            daemon = try await served.serve()
        }
        let count = batches * perBatch
        let runs = try await served.runs("\(count) ended runs", within: 120) { rows in
            rows.count >= count && rows.allSatisfy(\.status.isFinished)
        }
        #expect(runs.count == count)
        #expect(Set(runs.compactMap { $0.event.commit?.description }) == commits)
        #expect(runs.filter { $0.outcome != .succeeded }.map(\.reason).isEmpty)
        for run in runs {
            let commit = try #require(run.event.commit?.description)
            #expect(try served.output(of: "go", run: run.number.value) == String(repeating: "\(commit)\n", count: 3))
        }
        let database = try served.database()
        #expect(try await database.locks().isEmpty)
        try database.close()
        daemon.end()
    }

    @Test func `a second daemon on the same state refuses, and names the first`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let first = try await served.serve()
        let end = try await served.fixture.run("serve", "--config", served.configuration.string)
        #expect(end.status == 3)
        #expect(end.errors.contains("\(first.pid)"))
        try await served.push()
        #expect(try await served.end(of: 1).outcome == .succeeded)
        first.end()
    }

    @Test func `a database that cannot be read is left as it is, with a clear error`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let daemon = try await served.serve()
        daemon.end()
        let damaged = [UInt8](repeating: 0x5a, count: 40_000)
        for name in FileSystem.names(in: served.state.path) where name.hasPrefix("runner.db-") {
            unlink(served.state.path.appending(name).string)
        }
        try FileSystem.write(Data(damaged), to: served.state.database)
        let end = try await served.fixture.run("serve", "--config", served.configuration.string)
        #expect(end.status == 3)
        #expect(end.errors.contains("runner.db") && end.errors.contains("runner state restore"))
        #expect(try FileSystem.read(served.state.database).map(Array.init) == damaged)
    }

    @Test func `an upgrade puts another binary in place, and no stage notices`() async throws {
        let served = try await ServedRepository(
            stages: "  go: { run: \"for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; sleep 0.3; done\" }\n"
        )
        let daemon = try await served.serve()
        try await served.push()
        try await Await.until("the first line") { (try? served.output(of: "go", run: 1))?.contains("line 1") == true }
        let end = try await served.fixture.run("upgrade")
        #expect(end.status == 0, "\(end.errors)")
        try await Await.until("the new daemon", within: 20) { daemon.hasSaid("run followed again") }
        #expect(daemon.isAlive)
        #expect(try await served.end(of: 1).outcome == .succeeded)
        #expect(try served.output(of: "go", run: 1) == (1...10).map { "line \($0)\n" }.joined())
        let refused = try await served.fixture.run("upgrade", "--binary", "/bin/false")
        #expect(refused.status == 2)
        #expect(refused.errors.contains("/bin/false"))
        #expect(daemon.isAlive)
        daemon.end()
    }

    @Test func `what a full queue of one group leaves is the newest, and every other says which`() async throws {
        let served = try await ServedRepository([
            "pipelines/ci.yml": """
            name: ci
            on: { branches: [main] }
            concurrency: { group: "ci-${{ ref.name }}", policy: cancel-older }
            stages:
              go: { grace: 1s, run: sleep 1 }
            """
        ])
        let daemon = try await served.serve()
        for index in 1...4 { try await served.push("Change \(index)") }
        let runs = try await served.runs("the last run's end") { $0.count == 4 && $0.allSatisfy(\.status.isFinished) }
        #expect(runs.last?.outcome == .succeeded)
        for run in runs.dropLast() {
            #expect([.canceled, .superseded].contains(run.outcome))
            #expect(run.supersededBy != nil)
        }
        daemon.end()
    }
}
