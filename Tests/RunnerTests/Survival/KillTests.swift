import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// `kill -9` of each process at work.
@Suite(.serialized) struct KillTests {
    @Test(arguments: ["required", "none"])
    func `a run outlives runner local`(isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let script = "sleep 1000 &\necho ready\nwhile [ ! -e ~/go ]; do sleep 0.02; done"
        let fixture = try await RunnerFixture.oneStage(script, mark: mark)
        let run = try HostileRun(fixture, "--isolation", isolation)
        try await fixture.stepSays("ready")
        let supervisor = try await run.supervisor()
        kill(run.pid, SIGKILL)
        #expect(try await run.end().status == 137)
        #expect(kill(supervisor, 0) == 0)
        try "".write(toFile: fixture.state.appending("work/1-work/home/go").string, atomically: false, encoding: .utf8)
        try await Await.until("result.json") { fixture.stateText("runs/1/result.json") != nil }
        #expect(fixture.stateText("runs/1/result.json")?.contains("\"outcome\":\"succeeded\"") == true)
        try await Await.until("the supervisor's end") { Processes.carrying(fixture.directory.string).isEmpty }
        #expect(Processes.carrying(mark).isEmpty)
    }

    /// Each goes on for ever if nothing ends it.
    static let stubborn = [
        "setsid nohup sh -c 'trap \"\" TERM HUP; while :; do sleep 1; done' &",
        "(setsid sh -c 'setsid sleep 1000 > /dev/null 2>&1 & exit' &)",
        "trap '' TERM INT HUP",
        "sleep 1000 & kill -STOP $!",
        "bash -c 'exec -a innocent sleep 1000' > /dev/null 2>&1 & disown",
    ]

    @Test(arguments: stubborn, ["required", "none"])
    func `nothing outlives a supervisor`(script: String, isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage("\(script)\necho ready\nsleep 1000", mark: mark)
        let run = try HostileRun(fixture, "--isolation", isolation)
        try await fixture.stepSays("ready")
        kill(try await run.supervisor(), SIGKILL)
        try await Await.until("the end of all of the run's processes", within: 1) { Processes.carrying(mark).isEmpty }
        let end = try await run.end()
        #expect(end.status == 3)
        #expect(end.text.contains("run 1 has no result") && end.text.contains("SIGKILL"), "\(end.text)")
        #expect(fixture.mounts.isEmpty)
    }

    @Test func `a supervisor may be killed while a sandbox is made`() async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage("sleep 1000", mark: mark)
        let slow = "#!/bin/sh\ncase \"$*\" in */runner/script*) sleep 3;; esac\nexec /usr/bin/bwrap \"$@\"\n"
        try fixture.write(slow, to: "slow/bwrap")
        chmod(fixture.repository.appending("slow/bwrap").string, 0o755)
        let path = fixture.repository.appending("slow").string + ":/usr/bin:/bin"
        let run = try HostileRun(fixture, "--isolation", "required", environment: ["PATH": path])
        try await Await.until("the slow sandbox") {
            Processes.carrying(mark).contains { $0.text.contains("slow/bwrap") }
        }
        kill(try await run.supervisor(), SIGKILL)
        try await Await.until("the end of all of the run's processes", within: 1) { Processes.carrying(mark).isEmpty }
        #expect(try await run.end().status == 3)
    }

    @Test(arguments: ["required", "none"])
    func `the run after a killed supervisor works`(isolation: String) async throws {
        let fixture = try await RunnerFixture.oneStage("echo ready\n[ ! -e hang ] || sleep 1000", mark: "x")
        try fixture.write("", to: "hang")
        let run = try HostileRun(fixture, "--isolation", isolation)
        try await fixture.stepSays("ready")
        kill(try await run.supervisor(), SIGKILL)
        #expect(try await run.end().status == 3)
        let next = try await fixture.run("local", "--committed", "--isolation", isolation)
        #expect(next.status == 0, "\(next.errors)")
    }

    @Test func `a supervisor that does not begin is no reason to wait`() async throws {
        let secret = String(repeating: "s", count: 100_000)
        let fixture = try await RunnerFixture.oneStage("true", mark: "x", keys: "    secrets: [S]\n")
        try fixture.write(
            "#!/bin/sh\ncase \"$*\" in *supervise*) echo no; exit 9;; esac\nexec /usr/bin/unshare \"$@\"\n",
            to: "b/unshare"
        )
        chmod(fixture.repository.appending("b/unshare").string, 0o755)
        let path = fixture.repository.appending("b").string + ":/usr/bin:/bin"
        let options = ["local", "--isolation", "required", "--secret", "S"]
        let end = try await fixture.execute(
            RunnerFixture.program.string,
            options,
            ["PATH": path, "S": secret],
            seconds: 20
        )
        #expect(end.status == 3)
        #expect(end.errors.contains("exit status 9: no"), "\(end.errors)")
    }

    @Test(arguments: ["required", "none"])
    func `a killed shell is a failed step`(isolation: String) async throws {
        let fixture = try await RunnerFixture.oneStage("kill -9 $$", mark: "x")
        let end = try await fixture.run("local", "--isolation", isolation)
        #expect(end.status == 1)
        #expect(end.errors.contains("SIGKILL"), "\(end.errors)")
    }
}

extension RunnerFixture {
    /// Waits for a text in the log of the only step of the first run.
    func stepSays(_ text: String) async throws {
        try await Await.until("`\(text)` in the step's log", within: 20) {
            let folder = state.appending("runs/1/work").string
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.contains { $0.hasSuffix(".log") && stateText("runs/1/work/\($0)")?.contains(text) == true }
        }
    }

    /// Mounts below the fixture that this process sees.
    var mounts: [String] {
        let table = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        return table.split(separator: "\n").map(String.init).filter { $0.contains(directory.string) }
    }
}
