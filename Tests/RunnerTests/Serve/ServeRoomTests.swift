import Foundation
import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// What holds new work back, and what strangers may put into a repository.
@Suite struct ServeRoomTests {
    @Test func `new work waits while the disk is short, says why, and goes on when there is room`() async throws {
        let served = try await ServedRepository(
            stages: "  go: { run: \"true\" }\n",
            settings: "disk: { minimum-free: 900000GiB }\n"
        )
        let daemon = try await served.serve()
        try await served.push()
        let waiting = try await served.runs("a waiting run") { rows in
            if case .waiting = rows.first?.status { true } else { false }
        }
        #expect(waiting.first?.reason?.contains("free, and new work waits for") == true)
        let roomy = "repositories:\n  web: { url: \(served.bare) }\ndisk: { minimum-free: 1MiB }\n"
        try roomy.write(toFile: served.configuration.string, atomically: true, encoding: .utf8)
        kill(daemon.pid, SIGHUP)
        #expect(try await served.end(of: 1).outcome == .succeeded)
        daemon.end()
    }

    @Test func `a bad configuration is refused by a reload, and the old one stays`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let daemon = try await served.serve()
        try "repositories: { web: { url: nowhere } }\nslotz: 3\n"
            .write(toFile: served.configuration.string, atomically: true, encoding: .utf8)
        kill(daemon.pid, SIGHUP)
        try await Await.until("the refusal") { daemon.hasSaid("the old one stays") }
        #expect(daemon.hasSaid("slotz"))
        try await served.push()
        #expect(try await served.end(of: 1).outcome == .succeeded)
        daemon.end()
    }

    @Test func `names of refs are values, whatever they hold`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: 'printf %s \"$RUNNER_REF\"' }\n")
        let daemon = try await served.serve()
        let names = [
            "a;touch$IFS/tmp/pwned", "$(reboot)", "quote'\"quote", "-rf", "ünïcödé/🚀", "refs/heads/twice", "%s%n",
        ]
        for name in names {
            try await served.fixture.commit("Change for \(name)")
            try await served.fixture.git("push", "--quiet", "origin", "HEAD:refs/heads/\(name)")
        }
        let runs = try await served.runs("all runs") { $0.count == names.count && $0.allSatisfy(\.status.isFinished) }
        #expect(runs.map(\.event.shortRef) == names)
        for run in runs {
            #expect(run.outcome == .succeeded)
            #expect(try served.output(of: "go", run: run.number.value) == run.event.ref)
        }
        daemon.end()
    }

    @Test func `a ref whose name is no text is left alone, and the others run`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        let daemon = try await served.serve()
        let script = "printf '%s\\n' \"$2\" > \"$1/refs/heads/$(printf 'bad\\377name')\""
        let commit = try await served.push(to: "good")
        _ = try await served.fixture.execute("/bin/sh", ["-c", script, "sh", served.bare.string, commit])
        try await served.push(to: "better")
        let runs = try await served.runs("two runs") { $0.count == 2 && $0.allSatisfy(\.status.isFinished) }
        #expect(runs.map(\.event.shortRef) == ["good", "better"])
        daemon.end()
    }

    @Test func `runs of another origin in the directory are never taken for the daemon's`() async throws {
        let served = try await ServedRepository(stages: "  go: { run: \"true\" }\n")
        #expect(try await served.fixture.run("local", "--quiet").status == 0)
        #expect(try served.directory(1).hasBegun)
        let daemon = try await served.serve()
        try served.fixture.write(
            "name: ci\non: { branches: [main] }\nstages:\n  go: { run: \"false\" }\n",
            to: "pipelines/ci.yml"
        )
        try await served.push()
        #expect(try await served.end(of: 2).outcome == .failed)
        daemon.end()
    }

    @Test func `a deployment that the server cannot do is no success`() async throws {
        let served = try await ServedRepository(stages: "  live: { deploy: { environment: staging } }\n")
        let daemon = try await served.serve()
        try await served.push()
        let run = try await served.end(of: 1)
        #expect(run.outcome == .errored)
        let database = try served.database()
        #expect(
            try await database.stages(of: run.number).first?.reason
                == "there is no environment `staging`: this server has none"
        )
        try database.close()
        daemon.end()
    }

    @Test func `what a run needs is made ours, so that the watched repository may forget it`() async throws {
        let served = try await ServedRepository(
            stages: "  go: { run: \"true\" }\n  again: { needs: [go], run: cat file }\n"
        )
        let daemon = try await served.serve()
        try served.fixture.write("of the first push\n", to: "file")
        let commit = try await served.push(to: "topic")
        #expect(try await served.end(of: 1).outcome == .succeeded)
        let mirror = served.state.repositories.appending("web.git")
        try await Await.until("objects of our own", within: 60) {
            FileSystem.exists(mirror.pushing("refs/runner/owned/1"))
        }
        try await served.fixture.git("push", "--quiet", "origin", ":refs/heads/topic")
        try await served.fixture.git("-C", served.bare.string, "gc", "--quiet", "--prune=now")
        let gone = try await served.fixture.execute(
            "/usr/bin/git",
            ["-C", served.bare.string, "cat-file", "-e", commit]
        )
        #expect(gone.status != 0)
        let rerun = try await served.fixture.run("rerun", "1")
        #expect(rerun.status == 0, "\(rerun.errors)")
        #expect(try await served.end(of: 2).outcome == .succeeded)
        #expect(try served.output(of: "again", run: 2) == "of the first push\n")
        daemon.end()
    }
}
