import Testing

/// Whatever a step leaves behind is gone when its stage has ended, with a sandbox and without.
@Suite(.serialized) struct SurvivorTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: String
    }

    static let ways = [
        Way(testDescription: "in the background", script: "sleep 1000 &"),
        Way(testDescription: "nohup", script: "nohup sleep 1000 > /dev/null 2>&1 &"),
        Way(testDescription: "setsid", script: "setsid sleep 1000 &"),
        Way(testDescription: "setsid and forked", script: "setsid --fork sleep 1000"),
        Way(testDescription: "a subshell's child", script: "(sleep 1000 &)"),
        Way(
            testDescription: "forked twice in sessions of their own",
            script: "(setsid sh -c 'setsid sleep 1000 & exit' &)"
        ),
        Way(testDescription: "disowned", script: "sleep 1000 & disown -a"),
        Way(testDescription: "holding the pipe open", script: "setsid sh -c 'while :; do sleep 1; done' &"),
        Way(
            testDescription: "deaf to signals",
            script: "sh -c 'trap \"\" TERM HUP INT QUIT; while :; do sleep 1; done' &"
        ),
        Way(testDescription: "stopped", script: "sleep 1000 & kill -STOP $!"),
        Way(
            testDescription: "a daemon with nothing open",
            script:
                "/usr/bin/python3 -c 'import os, time; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); "
                + "os.closerange(0, 64); time.sleep(1000)'"
        ),
        Way(testDescription: "under another name", script: "bash -c 'exec -a [kworker/0:0] sleep 1000' &"),
        Way(testDescription: "with an empty environment", script: "env -i sleep 1000.$MARK &"),
        Way(testDescription: "three hundred at once", script: "for i in $(seq 300); do sleep 1000 & done"),
        Way(
            testDescription: "forking on and on",
            script:
                "/usr/bin/python3 -c 'import os,time\nfor i in range(200):\n  if os.fork(): os._exit(0)\n  time.sleep(0.02)' &"
                .replacing("\n", with: "\\n").replacing("'import", with: "$'import")
        ),
        Way(testDescription: "after the shell was killed", script: "sleep 1000 & kill -9 $$"),
        Way(testDescription: "after its session was killed", script: "setsid sleep 1000 & kill -9 0"),
    ]

    @Test(arguments: ways, ["sandbox", "none"])
    func `nothing survives a step`(way: Way, isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage(way.script + "\necho done", mark: mark)
        let end = try await fixture.run("local", "--isolation", isolation == "none" ? "none" : "required", seconds: 20)
        #expect(Processes.carrying(mark).isEmpty)
        #expect(end.status == (way.script.contains("kill -9") ? 1 : 0), "\(end.output)\(end.errors)")
    }

    @Test func `a step that kills its guard takes nothing along`() async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage("setsid sleep 1000 &\nkill -9 $PPID\nsleep 1000", mark: mark)
        let end = try await fixture.run("local", "--isolation", "none", seconds: 20)
        #expect(end.status == 1)
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test func `a step that stops its guard still meets its time limit`() async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage(
            "kill -STOP $PPID\nsleep 1000",
            mark: mark,
            keys: "    timeout: 1s\n"
        )
        let end = try await fixture.run("local", "--isolation", "none", seconds: 20)
        #expect(end.status == 5)
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test func `a step cannot reach the first process of its sandbox`() async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage(
            "kill -9 1 || true\nkill -TERM 1\nkill -STOP 1\necho here",
            mark: mark
        )
        let end = try await fixture.run("local", "--isolation", "required", seconds: 20)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        #expect(Processes.carrying(mark).isEmpty)
    }

    @Test(arguments: ["required", "none"])
    func `a background process that holds the pipe open does not hold up the step`(isolation: String) async throws {
        let fixture = try await RunnerFixture.oneStage("sleep 1000 &\necho said", mark: "x")
        let start = ContinuousClock.now
        let end = try await fixture.run("local", "--isolation", isolation, seconds: 20)
        #expect(end.status == 0 && end.output.contains("said"))
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
