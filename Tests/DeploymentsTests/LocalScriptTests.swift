import FoundationEssentials
import Glibc
import RunnerStore
import SystemPackage
import Testing

@testable import Deployments

@Suite(.timeLimit(.minutes(1)))
struct LocalScriptTests {
    let scratch: DataScratch

    init() throws { scratch = try DataScratch() }

    private func script(_ text: String, timeout: Duration = .seconds(30)) -> LocalScript {
        LocalScript(text: text, directory: scratch.path, environment: ["GIVEN": "yes"], timeout: timeout)
    }

    @Test func `a script has what it is given, and nothing of the daemon`() async throws {
        setenv("RUNNER_TEST_SECRET", "1", 1)
        let end = try await script("env | sort").run()
        let names = end.output.split(separator: "\n").compactMap { $0.split(separator: "=").first }.map(String.init)
        #expect(Set(names).subtracting(["PWD", "SHLVL", "_"]) == ["GIVEN", "PATH"])
        #expect(end.status == 0)
    }

    @Test(arguments: [("false; echo on", 1), ("exit 3 | cat; echo on", 3), ("kill -9 $$", 137), ("echo on", 0)])
    func `the first command that fails ends it`(text: String, status: Int32) async throws {
        let end = try await script(text).run()
        #expect(end.status == status)
        #expect(end.output.isEmpty == (status != 0))
    }

    @Test func `what it prints is told line by line, output and errors apart`() async throws {
        let heard = Heard()
        let end = try await script("echo one; echo two >&2; printf three").run { heard.add($0) }
        #expect(Set(heard.lines) == ["one", "two", "three"])
        #expect(end.output == "one\nthree")
    }

    @Test func `of a flood only the beginning is kept`() async throws {
        let end = try await script("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end").run()
        #expect(end.isCut)
        #expect(end.output.utf8.count == 1 << 20)
        #expect(end.lastLines.last == "end")
    }

    @Test func `it and all that it started are killed at its bound`() async throws {
        let text = "setsid sleep 1000 & echo $! > child; echo $$ > own; sleep 1000"
        await #expect(throws: TimeUp(after: .milliseconds(1500))) {
            _ = try await script(text, timeout: .milliseconds(1500)).run()
        }
        try expectDead()
    }

    @Test func `it and all that it started are killed with its task`() async throws {
        let begun = Signal()
        let script = script("setsid sleep 1000 & echo $! > child; echo $$ > own; echo begun; sleep 1000")
        let task = Task { try await script.run { _ in begun.give() } }
        await begun.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        try expectDead()
    }

    @Test func `what it leaves running ends with it`() async throws {
        let end = try await script("setsid sleep 1000 & echo $! > child; echo $$ > own").run()
        #expect(end.status == 0)
        try expectDead()
    }

    private func expectDead() throws {
        for name in ["child", "own"] {
            let pid = try #require(try scratch.text(name).flatMap { Int32($0.filter(\.isNumber)) })
            #expect(kill(pid, 0) != 0 && errno == ESRCH, "\(name) \(pid) is alive")
        }
    }
}
