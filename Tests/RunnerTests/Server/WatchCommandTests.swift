import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import SystemPackage
import Testing

/// `runner watch` against a real daemon.
struct WatchCommandTests {
    private static let lines = "  count: { run: 'for i in 1 2 3; do echo line-$i; sleep 0.2; done' }\n"

    /// Without numbers, times and what is said of the reason.
    private static func bare(_ output: String) -> [String] {
        output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("[") }.map {
            $0.replacing(/\ in [0-9.]+s/, with: "")
        }
    }

    @Test func `a run looks as runner local shows it`() async throws {
        let daemon = try await DaemonFixture(stages: Self.lines)
        let run = try await daemon.start()
        let watched = try await daemon.run("watch", "\(run)").output
        let local = try await daemon.run("local", "--state", daemon.own.string).output
        #expect(Self.bare(watched) == Self.bare(local))
        // Come late, it is the same.
        #expect(Self.bare(try await daemon.run("watch", "\(run)").output) == Self.bare(local))
    }

    @Test func `a run that has not begun is waited for, with the reason`() async throws {
        let daemon = try await DaemonFixture(stages: Self.lines)
        try await daemon.run("drain")
        let run = try await daemon.start()
        async let watched = daemon.run("watch", "\(run)")
        try await daemon.wait(for: run) { $0.run.status == .waiting }
        try await daemon.run("drain", "--off")
        let output = try await watched.output
        #expect(output.contains("[count] line-3") && output.contains("succeeded in"), "\(output)")
    }

    @Test func `as JSON, each line is an object`() async throws {
        struct Line: Decodable {
            let run: RunSummary?
        }
        let daemon = try await DaemonFixture(stages: Self.lines)
        let run = try await daemon.start()
        let output = try await daemon.run("watch", "\(run)", "--json").output
        let lines = try output.split(separator: "\n").map { try APIJSON.decode(Line.self, from: Data($0.utf8)) }
        #expect(lines.count > 4 && lines.first?.run?.number == run && lines.last?.run?.outcome == .succeeded)
    }

    @Test func `Ctrl-C stops watching, not the run`() async throws {
        let daemon = try await DaemonFixture(stages: "  long: { run: 'echo begun; sleep 60' }\n")
        let run = try await daemon.start()
        let terminal = try LivePseudoTerminal(daemon.fixture, ["watch", "\(run)"], rows: 24, columns: 100)
        let shown = try await terminal.run(marker: "begun") { $0.send(SIGINT) }
        #expect(shown.contains("stopped watching; run \(run) goes on"), "\(shown)")
        #expect(shown.contains("\u{1b}[?25h"))
        #expect(try await daemon.detail(run).run.status == .running)
        try await daemon.run("cancel", "\(run)")
    }

    @Test func `on a terminal it ends with the outcome`() async throws {
        let daemon = try await DaemonFixture(stages: Self.lines)
        let run = try await daemon.start()
        let terminal = try LivePseudoTerminal(daemon.fixture, ["watch", "\(run)"], rows: 24, columns: 100)
        let shown = try await terminal.run()
        #expect(shown.contains("succeeded") && shown.contains("count") && shown.contains("1 succeeded"), "\(shown)")
    }
}
