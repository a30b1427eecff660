import PipelineSyntax
import RunnerCore
import Testing

/// `secrets` in the server's file, and secrets as files in pipelines.
@Suite struct SecretConfigurationTests {
    private func parse(_ text: String) -> (configuration: RunnerConfiguration?, diagnostics: [Diagnostic]) {
        ConfigurationParser.parse(file: "runner.yml", bytes: Array(text.utf8))
    }

    @Test func `every key of a secret becomes a value`() throws {
        let text = """
            secrets-key-file: /etc/runner/secrets.key
            secrets:
              PLAIN: {}
              NPM_TOKEN:
                repositories: [web, api]
                branches: [main, "release/**"]
                tags: "v*"
                pipelines: release
                stages: [publish]
                environments: production
                command: vault kv get -field=token secret/npm
                timeout: 5s
                cache: 1m
                pass: [VAULT_ADDR, VAULT_TOKEN]
            """
        #expect(parse(text).diagnostics.map(\.description) == [])
        let server = try #require(parse(text).configuration?.server)
        var rule = SecretRule(name: "NPM_TOKEN")
        rule.repositories = ["web", "api"]
        rule.branches = PatternList(["main", "release/**"])
        rule.tags = PatternList(["v*"])
        rule.pipelines = ["release"]
        rule.stages = ["publish"]
        rule.environments = ["production"]
        rule.command = .init(
            script: "vault kv get -field=token secret/npm",
            timeout: .seconds(5),
            cache: .seconds(60),
            pass: ["VAULT_ADDR", "VAULT_TOKEN"]
        )
        #expect(server.secrets == [SecretRule(name: "PLAIN"), rule])
        #expect(server.secretsKeyFile == "/etc/runner/secrets.key")
    }

    struct Row: Sendable {
        var text: String
        var place: String
        var words: String
    }

    @Test(arguments: [
        Row(text: "secrets: { A: { branchs: [main] } }", place: "1:17", words: "branch"),
        Row(text: "secrets: { A: { value: x } }", place: "1:17", words: "value"),
        Row(text: "secrets: { A-B: {} }", place: "1:12", words: "`A-B`"),
        Row(text: "secrets: { PATH: {} }", place: "1:12", words: "`PATH`"),
        Row(text: "secrets: { A: { timeout: soon, command: x } }", place: "1:26", words: "`soon`"),
        Row(text: "secrets: { A: { command: x, timeout: 0 } }", place: "1:38", words: "must be above 0"),
        Row(text: "secrets-key-file: secrets.key", place: "1:19", words: "an absolute path"),
        Row(text: "secrets: [A]", place: "1:10", words: "secrets"),
    ])
    func `a fault is found at its place`(row: Row) {
        let errors = parse(row.text).diagnostics.filter { $0.severity == .error }
        let isFound = errors.contains { "\($0.location)".contains(row.place) && $0.description.contains(row.words) }
        #expect(isFound, "\(errors.map(\.description))")
    }

    @Test(arguments: [
        Row(text: "secrets: { A: { cache: 5m } }", place: "1:17", words: "has no effect without `command`"),
        Row(text: "secrets: { A: { branches: \"**\" } }", place: "1:27", words: "whoever may push gets it"),
    ])
    func `what is odd is a warning`(row: Row) {
        let warnings = parse(row.text).diagnostics
        #expect(warnings.allSatisfy { $0.severity == .warning } && warnings.count == 1)
        #expect(warnings.contains { "\($0.location)".contains(row.place) && $0.description.contains(row.words) })
    }

    @Test func `a pipeline takes secrets as variables and as files`() throws {
        let text = """
            name: ci
            on: { branches: ["**"] }
            stages:
              a: { run: x, secrets: [ONE, { name: TWO, as: file }, { name: THREE }, { name: FOUR, as: variable }] }
              b: { run: x, secrets: { name: ONE, as: file } }
              c: { run: x, secrets: ONE }
            """
        let (pipeline, diagnostics) = PipelineParser.parse(file: "pipelines/ci.yml", bytes: Array(text.utf8))
        #expect(diagnostics.map(\.description) == [])
        let stages = try #require(pipeline).stages
        #expect(stages.map(\.secrets) == [["ONE", "TWO", "THREE", "FOUR"], ["ONE"], ["ONE"]])
        #expect(stages.map(\.secretFiles) == [["TWO"], ["ONE"], nil])
    }

    @Test(arguments: ["{ name: ONE, as: path }", "{ as: file }", "{ name: ONE, value: x }", "{ name: 1A }"])
    func `a secret that cannot be is an error`(secret: String) {
        let text = "name: ci\non: { branches: [main] }\nstages:\n  a: { run: x, secrets: [\(secret)] }\n"
        let (_, diagnostics) = PipelineParser.parse(file: "pipelines/ci.yml", bytes: Array(text.utf8))
        #expect(diagnostics.contains { $0.severity == .error && "\($0.location)".contains(":4:") })
    }
}
