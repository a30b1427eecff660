import Glibc
import Testing

@testable import RunnerCommands

/// The real program in a real terminal.
@Suite struct LiveDisplayTests {
    private static func fixture(_ stages: String) async throws -> RunnerFixture {
        try await RunnerFixture(["pipelines/ci.yml": "name: ci\non: { branches: [\"**\"] }\nstages:\n\(stages)"])
    }

    private static func end(of output: String, rows: Int = 24, columns: Int = 80) -> LiveTerminal {
        var terminal = LiveTerminal(rows: rows, columns: columns)
        terminal.take(output)
        return terminal
    }

    @Test func `what is left on the screen is what happened`() async throws {
        let fixture = try await Self.fixture(
            "  one: { run: echo hello }\n  two: { needs: [one], run: exit 3 }\n  three: { needs: [two], run: \"true\" }\n"
        )
        let output = try await LivePseudoTerminal(fixture, ["local"], rows: 24, columns: 80).run()
        let terminal = Self.end(of: output)
        #expect(terminal.isCursorShown && terminal.isWrapping)
        let marks = terminal.screen.prefix(5).map { $0.prefix(7) }
        #expect(marks == ["run 1: ", "✓ one  ", "✗ two  ", "– three", "✗ faile"], "\(terminal.screen)")
        #expect(!terminal.screen.contains { $0.contains("pending") || $0.contains("running") })
    }

    @Test(arguments: [
        (["local"], ["TERM": "dumb"]), (["local"], ["TERM": ""]), (["local", "--quiet"], [:]),
        (["local", "--json"], [:]),
    ])
    func `nothing moves where nothing should`(arguments: [String], environment: [String: String]) async throws {
        let fixture = try await Self.fixture("  one: { run: echo hello }\n")
        let terminal = try LivePseudoTerminal(fixture, arguments, rows: 24, columns: 80, environment: environment)
        let output = try await terminal.run()
        #expect(!output.contains("\u{1b}[?"))
    }

    @Test func `NO_COLOR takes the colours and leaves the rest`() async throws {
        let fixture = try await Self.fixture("  one: { run: echo hello }\n")
        let environment = ["NO_COLOR": "1", "LANG": "C"]
        let terminal = try LivePseudoTerminal(fixture, ["local"], rows: 24, columns: 80, environment: environment)
        let output = try await terminal.run()
        #expect(output.contains("\u{1b}[?2026h") && output.contains("+ one"))
        #expect(output.firstMatch(of: /\u{1b}\[[0-9;]*m/) == nil)
        #expect(output.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func `a terminal made smaller gets smaller frames`() async throws {
        let text = String(repeating: "words ", count: 40)
        let fixture = try await Self.fixture("  one: { run: \"echo \(text); sleep 2\" }\n")
        let terminal = try LivePseudoTerminal(fixture, ["local"], rows: 24, columns: 80)
        let output = try await terminal.run(marker: "words words") { $0.resize(rows: 5, columns: 20) }
        let after = try #require(output.split(separator: "<resized>").last)
        let frames = after.split(separator: "\u{1b}[?7l").dropFirst().compactMap {
            $0.split(separator: "\u{1b}[J").first
        }
        #expect(frames.count > 1)
        for line in frames.flatMap({ $0.split(separator: "\r\n") }) {
            #expect(line.replacing(/\u{1b}\[[0-9;]*[a-zA-Z]/, with: "").count < 20, "\(line)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a run that is asked to end gives the cursor back`(signal: Int32) async throws {
        let fixture = try await Self.fixture("  one: { run: echo started; sleep 60 }\n")
        let output = try await LivePseudoTerminal(fixture, ["local"], rows: 24, columns: 80)
            .run(marker: "mstarted") { $0.send(signal) }
        let terminal = Self.end(of: output)
        #expect(terminal.isCursorShown && terminal.isWrapping)
        #expect(terminal.screen.contains { $0.hasPrefix("⊘ canceled") }, "\(terminal.screen)")
        #expect(terminal.screen.contains { $0.hasPrefix("canceling; once more to kill") }, "\(terminal.screen)")
    }
}
