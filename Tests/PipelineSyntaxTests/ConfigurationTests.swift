import Foundation
import PipelineSyntax
import RunnerCore
import Testing

@Suite struct ConfigurationTests {
    private func parse(_ text: String) -> (configuration: RunnerConfiguration?, diagnostics: [Diagnostic]) {
        ConfigurationParser.parse(file: "runner.yml", bytes: Array(text.utf8))
    }

    @Test func `this repository's own configuration is good`() throws {
        let data = try Data(contentsOf: repositoryRoot.appending(path: "runner-config/runner.yml"))
        let result = ConfigurationParser.parse(file: "runner-config/runner.yml", bytes: Array(data))
        #expect(result.diagnostics.map(\.description) == [])
        #expect(result.configuration?.slots == 2)
        #expect(result.configuration?.limits == RunnerConfiguration.Limits())
        #expect(result.configuration?.server == ServerOptions())
    }

    @Test func `this repository's own configuration explains every key`() throws {
        let url = repositoryRoot.appending(path: "runner-config/runner.yml")
        let text = try String(contentsOf: url, encoding: .utf8)
        let keys = ["slots", "isolation", "expose", "hide", "state", "limits", "timeout", "grace", "log", "stages"]
        let server = [
            "repositories", "url", "poll", "transport", "first-run", "moved-tags", "webhook-secret-file", "credentials",
            "user", "token-file", "ssh-key", "known-hosts", "listen", "socket", "address", "tls", "certificate", "key",
            "insecure", "rate-limit", "disk", "minimum-free", "budgets", "size", "age", "retention", "runs",
        ]
        for key in keys + server + ["workspaces", "keep-failed"] { #expect(text.contains("\(key):"), "\(key)") }
    }

    @Test(arguments: ["", "\n", "# nothing\n\n"])
    func `a file without keys means the defaults`(text: String) {
        #expect(parse(text).configuration == RunnerConfiguration())
        #expect(parse(text).diagnostics.isEmpty)
    }

    @Test func `every key becomes a value`() {
        let text = """
            slots: 7
            isolation: required
            expose: [/opt, ~/tools]
            hide: /srv
            state: /var/lib/runner
            limits: { timeout: 2h, grace: 5s, log: 10MB, stages: 20 }
            workspaces: { keep-failed: 0 }
            """
        var expected = RunnerConfiguration(slots: 7, isolation: .required, expose: ["/opt", "~/tools"], hide: ["/srv"])
        expected.state = "/var/lib/runner"
        expected.limits = .init(timeout: .seconds(7_200), grace: .seconds(5), log: 10_000_000, stages: 20)
        expected.keepFailedWorkspaces = .zero
        #expect(parse(text).diagnostics.map(\.description) == [])
        #expect(parse(text).configuration == expected)
    }

    @Test(arguments: [
        ("slot: 1", "1:1", "unknown key `slot` in the configuration"),
        ("slots: 0", "1:8", "`slots` must be a whole number from 1 to 10000, found `0`"),
        ("isolation: require", "1:12", "`isolation` must be one of `auto`, `required` or `none`, found `require`"),
        ("expose: [opt]", "1:10", "an item of `expose` must be an absolute path or one below `~/`, found `opt`"),
        ("hide: /a/../b", "1:7", "`hide` must be an absolute path"),
        ("state: here", "1:8", "`state` must be an absolute path"),
        ("limits: { timeout: 1 }", "1:20", "`timeout` must be a duration"),
        ("limits: { log: 1G }", "1:16", "`log` must be a size"),
        ("limits: { stages: many }", "1:19", "`stages` must be a whole number"),
        ("limits: { time: 1h }", "1:11", "unknown key `time` in `limits`"),
        ("workspaces: { keep: 1h }", "1:15", "unknown key `keep` in `workspaces`"),
        ("slots: 1\nslots: 2", "2:1", "duplicate key `slots`"),
    ])
    func `a fault is found at its place`(text: String, place: String, message: String) {
        let found = parse(text)
        #expect(found.configuration == nil)
        #expect(found.diagnostics.map { "\($0.location.line):\($0.location.column)" } == [place])
        #expect(found.diagnostics.first?.message.hasPrefix(message) == true, "\(found.diagnostics)")
    }

    @Test func `a limit of no time is a warning`() {
        let found = parse("limits: { timeout: 0 }")
        #expect(found.diagnostics.map(\.severity) == [.warning])
        #expect(found.configuration?.limits.timeout == .zero)
    }
}

/// Where `Package.swift` stands.
let repositoryRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
