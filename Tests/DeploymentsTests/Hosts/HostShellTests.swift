import Deployments
import Glibc
import RunnerCore
import RunnerExecution
import Synchronization
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HostShellTests {
    @Test(arguments: Way.allCases)
    func `every value reaches a script as it is`(way: Way) async throws {
        let place = try Place(way)
        let values = [
            "", "'", "''\"'", "a\nb\n", "\n", "$(exit 3)`exit 4`$HOME", "\\n\\", "-n", "\r", "*", "äöü😀", "'\u{301}x",
            "!!", "#", "\t x ", "\u{1B}[1m",
        ]
        var environment: [String: String] = [:]
        for (index, value) in values.enumerated() { environment["V\(index)"] = value }
        let script = values.indices.map { #"printf '%s' "$V\#($0)" | od -An -v -tx1 | tr -d ' \n'; echo"# }
        let lines = try await HostShell(place.host).demand(
            "print",
            Script(script.joined(separator: "\n")),
            environment: environment
        )
        let expected = values.map { $0.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        #expect(lines == expected)
    }

    @Test(arguments: Way.allCases)
    func `a script reads its input and nothing of itself`(way: Way) async throws {
        let place = try Place(way)
        let input = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        let script = Script("read -r first; echo $first; wc -c; echo end")
        let lines = try await HostShell(place.host).demand("read", script, input: .bytes(Array("one\n".utf8) + input))
        #expect(lines.map { $0.trimmingPrefix { $0 == " " } } == ["one", "\(1 << 20)", "end"])
    }

    @Test(arguments: Way.allCases)
    func `a program's output is a script's input`(way: Way) async throws {
        let place = try Place(way)
        let program = Launch(executable: "/usr/bin/seq", arguments: ["200000"], environment: [:])
        let lines = try await HostShell(place.host).demand("read", Script("tail -n 1"), input: .program(program))
        #expect(lines == ["200000"])
    }

    @Test(
        arguments: Way.allCases,
        [
            ("true", Int32(0)), ("exit 3", 3), ("exit 255", 255), ("false; true", 1), ("false | true", 1), ("(", 2),
            ("kill -9 $$", 137),
            ("trap 'exit 7' EXIT; false", 7), ("no-such-program-here", 127), ("exec sh -c 'exit 9'", 9),
        ]
    )
    func `a script ends with its exit code`(way: Way, end: (script: String, status: Int32)) async throws {
        let place = try Place(way)
        let shell = HostShell(place.host)
        if way == .ssh, end.status == 137 {
            // The shell that would tell is what was killed.
            await #expect(throws: DeployFailure.self) { try await shell.run(Script(end.script)) }
            return
        }
        #expect(try await shell.run(Script(end.script)).status == end.status)
    }

    @Test(arguments: Way.allCases)
    func `lines come in their order, errors among them, the last without a line end`(way: Way) async throws {
        let place = try Place(way)
        let seen = Mutex<[String]>([])
        let script = Script("echo one; echo two >&2; echo; echo; printf three; exit 1")
        let end = try await HostShell(place.host).run(script) { line in seen.withLock { $0.append(line) } }
        #expect(seen.withLock(\.self) == ["one", "two", "", "", "three"])
        #expect(end == ShellEnd(status: 1, lines: ["one", "two", "", "", "three"]))
    }

    @Test(arguments: Way.allCases)
    func `no secret is in an argument, a line or an error`(way: Way) async throws {
        let place = try Place(way)
        let secret = "correct-horse-\(UInt64.random(in: 0 ... .max))"
        let shell = HostShell(place.host, hiding: SecretPatterns([("TOKEN", Array(secret.utf8))]))
        let script = Script(
            """
            for file in /proc/[0-9]*/cmdline; do
                case "$(tr '\\0' ' ' 2>/dev/null < "$file" || true)" in *"$TOKEN"*) echo "found in $file" ;; esac
            done
            echo "it is $TOKEN"; exit 3
            """
        )
        let failure = await #expect(throws: DeployFailure.self) {
            try await shell.demand("look", script, environment: ["TOKEN": secret])
        }
        #expect(failure?.kind == .refused)
        #expect(failure?.why == "it is *** (exit code 3)")
    }

    @Test(arguments: Way.allCases)
    func `a service that a script starts lives on`(way: Way) async throws {
        let place = try Place(way)
        let script = Script("setsid sleep 300 > /dev/null 2>&1 < /dev/null & echo $!")
        let lines = try await HostShell(place.host).demand("start", script)
        let pid = try #require(lines.first.flatMap { Int32($0) })
        defer { kill(pid, SIGKILL) }
        #expect(try isRunning(pid))
    }

    @Test(arguments: Way.allCases)
    func `what holds the output open is not waited for, and said`(way: Way) async throws {
        let place = try Place(way)
        let seen = Mutex<[String]>([])
        let start = ContinuousClock.now
        let end = try await HostShell(place.host).run(Script("sleep 300 & echo $!")) { line in
            seen.withLock { $0.append(line) }
        }
        defer { if let pid = end.lines.first.flatMap({ Int32($0) }) { kill(pid, SIGKILL) } }
        #expect(end.status == 0)
        #expect(seen.withLock(\.last)?.hasPrefix("warning: something") == true)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test(arguments: Way.allCases)
    func `a script that takes too long is ended with all that it started`(way: Way) async throws {
        let place = try Place(way)
        let file = place.scratch.path.appending("pids").string
        let script = Script(
            "(sleep 300 & echo $! > \(file)); echo $$ >> \(file); echo waiting; sleep 300",
            timeout: .seconds(2)
        )
        let failure = await #expect(throws: DeployFailure.self) { try await HostShell(place.host).run(script) }
        #expect(failure?.kind == .timedOut)
        #expect(failure?.why == "the last it said: waiting")
        let pids = try #require(try place.scratch.read("pids")).split(separator: "\n").compactMap { Int32($0) }
        try #require(pids.count == 2)
        try await eventually("both processes are gone") { try !pids.contains(where: isRunning) }
    }

    @Test(arguments: Way.allCases)
    func `a canceled script is ended at once`(way: Way) async throws {
        let place = try Place(way)
        let file = place.scratch.path.appending("pid").string
        let shell = HostShell(place.host)
        let work = Task { try await shell.run(Script("echo $$ > \(file); sleep 300")) }
        try await eventually("the script runs") { try place.scratch.read("pid")?.hasSuffix("\n") == true }
        let pid = try #require(try place.scratch.read("pid").flatMap { Int32($0.dropLast()) })
        let start = ContinuousClock.now
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(ContinuousClock.now - start < .seconds(10))
        try await eventually("the script is gone") { try !isRunning(pid) }
    }

    @Test(arguments: ["1A", "A-B", "", "A=B", "Ä"])
    func `a name that no shell takes is refused`(name: String) async throws {
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.local).run(Script("true"), environment: [name: "x"])
        }
        #expect(failure?.kind == .input)
    }

    @Test func `a value with a zero byte is refused`() async throws {
        let failure = await #expect(throws: DeployFailure.self) {
            try await HostShell(.local).run(Script("true"), environment: ["A": "a\0b"])
        }
        #expect(failure?.kind == .input)
    }
}
