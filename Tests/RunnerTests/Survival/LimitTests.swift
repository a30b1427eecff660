import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// `resources` against steps that want more.
@Suite(.serialized, .enabled(if: Limits.areOurs)) struct LimitTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let limit: String
        let script: String
        let reason: String
        var testDescription: String { limit }
    }

    static let rows = [
        Row(
            limit: "memory: 64MiB",
            script: "head -c 300000000 /dev/zero | tail -c 300000000 > /dev/null",
            reason: "killed: memory limit 64 MiB"
        ),
        Row(
            limit: "pids: 50",
            script: "perl -e '1 while defined fork; exit 7'",
            reason: "no more processes: pids limit 50"
        ),
        Row(limit: "memory: 64MiB", script: "exit 7", reason: "exit status 7"),
        Row(limit: "pids: 50", script: "exit 7", reason: "exit status 7"),
    ]

    @Test(arguments: rows, ["required", "none"])
    func `a step that hits a limit fails with its name`(row: Row, isolation: String) async throws {
        let mark = RunnerFixture.mark()
        let keys = "    resources: { \(row.limit) }\n"
        let fixture = try await RunnerFixture.oneStage(row.script, mark: mark, keys: keys)
        let end = try await fixture.run("local", "--isolation", isolation)
        #expect(end.status == 1, "\(end.output)\(end.errors)")
        let result = try #require(fixture.stateText("runs/1/work/result.json"))
        #expect(result.contains(": \(row.reason)\""), "\(result)")
        #expect(Processes.carrying(mark).isEmpty)
        #expect(fixture.stateText("runs/1/events.jsonl")?.contains("not enforced") == false)
    }

    @Test(arguments: ["required", "none"])
    func `a busy loop gets its share of a processor and no more`(isolation: String) async throws {
        // By itself the loop would take all of one processor. Others may leave it less than its share.
        let script = """
            group=$(grep -E ':cpu(,cpuacct)?:' /proc/self/cgroup | cut -d: -f3)
            echo "quota $(cat /sys/fs/cgroup/cpu${group%/inside}/cpu.cfs_quota_us)"
            TIMEFORMAT='used %0U'
            time timeout 4 sh -c 'while :; do :; done' || true
            """
        let keys = "    resources: { cpu: 0.5 }\n"
        let fixture = try await RunnerFixture.oneStage(script, mark: "x", keys: keys)
        let end = try await fixture.run("local", "--isolation", isolation)
        #expect(end.output.contains("quota 50000"), "\(end.output)\(end.errors)")
        let used = Limits.word(after: "used", in: end.output).flatMap { Int($0) }
        #expect(1...3 ~= used ?? 0, "\(end.output)")
    }

    @Test func `a stage's group goes with it`() async throws {
        let fixture = try await RunnerFixture.oneStage(Limits.tellGroup, mark: "x", keys: Limits.pids)
        let end = try await fixture.run("local")
        let group = try #require(Limits.group(in: end.output), "\(end.output)\(end.errors)")
        #expect(access(group, F_OK) != 0)
    }

    @Test func `the next stage takes away the group of a killed supervisor`() async throws {
        let mark = RunnerFixture.mark()
        let script = "\(Limits.tellGroup)\nsleep 1000"
        let fixture = try await RunnerFixture.oneStage(script, mark: mark, keys: Limits.pids)
        let run = try HostileRun(fixture)
        try await fixture.stepSays("group ")
        kill(try await run.supervisor(), SIGKILL)
        try await Await.until("the end of all of the run's processes") { Processes.carrying(mark).isEmpty }
        _ = try await run.end()
        // Of the log: who follows a run may not have shown all of it when it is killed.
        let folder = fixture.state.appending("runs/1/work").string
        let logs = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".log") }
        let text = logs.compactMap { fixture.stateText("runs/1/work/\($0)") }.joined()
        let group = try #require(Limits.group(in: text))
        #expect(access(group, F_OK) == 0)
        let next = try await RunnerFixture.oneStage("true", mark: mark, keys: Limits.pids)
        #expect(try await next.run("local").status == 0)
        #expect(access(group, F_OK) != 0)
    }

    static let escapes = [
        "echo $$ > /sys/fs/cgroup/pids/cgroup.procs", "echo max > /sys/fs/cgroup/pids${group%/inside}/pids.max",
        "mkdir /sys/fs/cgroup/pids$group/inner", "mount -t tmpfs none /sys/fs/cgroup",
        "unshare -Urm mount -o remount,rw,bind /sys/fs/cgroup/pids",
        raising,
    ]

    /// In namespaces of its own a step sees the group that it is in as the top of a tree, and may write there.
    static let raising =
        "echo 'for (1..60) { my $p = fork; unless (defined $p) { kill 9, @k; exit 7 } "
        + "$p or sleep(9), exit; push @k, $p }' > ~/forks; "
        + "unshare -UrmC sh -c 'mount -t cgroup -o pids none /tmp; echo max > /tmp/pids.max; exec perl ~/forks'"

    @Test(arguments: escapes) func `a sandboxed step cannot leave its group`(attack: String) async throws {
        let script = """
            group=$(grep ':pids:' /proc/self/cgroup | cut -d: -f3)
            case $group in */runner-stage-*/inside) ;; *) exit 9;; esac
            if \(attack); then echo escaped; fi
            grep -q ":pids:$group\\$" /proc/self/cgroup
            """
        let fixture = try await RunnerFixture.oneStage(script, mark: "x", keys: Limits.pids)
        let end = try await fixture.run("local", "--isolation", "required")
        #expect(end.status == 0 && !end.output.contains("escaped"), "\(end.output)\(end.errors)")
    }

    @Test(arguments: ["required", "none"])
    func `services are in the group of their stage`(isolation: String) async throws {
        let service =
            "{ run: \"grep :pids: /proc/self/cgroup > $TMPDIR/group; sleep 1000\", ready: \"test -s $TMPDIR/group\" }"
        let fixture = try await RunnerFixture.oneStage(
            "grep runner-stage $TMPDIR/group\ngrep :pids: /proc/self/cgroup | cmp - $TMPDIR/group",
            mark: "x",
            keys: Limits.pids + "    services:\n      beside: \(service)\n"
        )
        let end = try await fixture.run("local", "--isolation", isolation)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
    }

    @Test func `an ordinary user's run says what it does not enforce`() async throws {
        let keys = "    resources: { memory: 64MiB, cpu: 1, pids: 50, disk: 1GiB }\n"
        let fixture = try await RunnerFixture.oneStage("echo done", mark: "x", keys: keys)
        let program = fixture.directory.appending("runner").string
        let give = "cp '\(RunnerFixture.program)' '\(program)'; chown -R 12345 '\(fixture.directory)'"
        _ = try await fixture.execute("/bin/sh", ["-c", give])
        let user = ["--reuid", "12345", "--regid", "12345", "--clear-groups"]
        let end = try await fixture.execute("/usr/bin/setpriv", user + [program, "local"])
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        let events = try #require(fixture.stateText("runs/1/events.jsonl"))
        #expect(events.contains("not enforced on this machine: disk, memory, cpu, pids"), "\(events)")
    }
}

private enum Limits {
    static let pids = "    resources: { pids: 50 }\n"
    static let tellGroup = "echo \"group $(grep ':pids:' /proc/self/cgroup | cut -d: -f3)\""

    /// Whether groups of all three controllers may be made: the first interface, as root.
    static let areOurs = ["memory", "cpu", "pids"].allSatisfy { controller in
        let path = "/sys/fs/cgroup/\(controller)/runner-test-\(getpid())"
        return mkdir(path, 0o755) == 0 && rmdir(path) == 0
    }

    /// What `tellGroup` printed, as a directory.
    static func group(in output: String) -> String? {
        word(after: "group", in: output).map { "/sys/fs/cgroup/pids\($0)" }
    }

    static func word(after key: String, in output: String) -> String? {
        let lines = output.split(separator: "\n").map { $0.split(separator: " ") }
        return lines.first { $0.dropLast().last ?? "" == key }?.last.map(String.init)
    }
}
