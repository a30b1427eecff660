import Foundation
import PipelineSyntax
import RunnerCore
import Testing

/// What `runner serve` takes from the server's file.
@Suite struct ServerConfigurationTests {
    private func parse(_ text: String) -> (configuration: RunnerConfiguration?, diagnostics: [Diagnostic]) {
        ConfigurationParser.parse(file: "runner.yml", bytes: Array(text.utf8))
    }

    @Test func `every key of a repository becomes a value`() {
        let text = """
            repositories:
              web:
                url: https://git.example.com/web.git
                poll: 5m
                transport: git
                first-run: true
                moved-tags: run
                webhook-secret-file: /etc/runner/web.hook
                credentials: { user: ada, token-file: /etc/token }
              0_tools.x: { url: "git@host:tools.git", credentials: { ssh-key: /k, known-hosts: /h } }
            """
        let web = RepositoryDefinition(
            name: "web",
            url: "https://git.example.com/web.git",
            poll: .seconds(300),
            transport: .git,
            credentials: .init(user: "ada", tokenFile: "/etc/token"),
            runsAtFirstSight: true,
            runsMovedTags: true,
            webhookSecretFile: "/etc/runner/web.hook"
        )
        let tools = RepositoryDefinition(
            name: "0_tools.x",
            url: "git@host:tools.git",
            credentials: .init(sshKey: "/k", knownHosts: "/h")
        )
        #expect(parse(text).diagnostics.map(\.description) == [])
        #expect(parse(text).configuration?.server == ServerOptions(repositories: [web, tools]))
    }

    @Test func `every other key becomes a value`() {
        let text = """
            listen:
              socket: /run/runner/runner.sock
              address: 0.0.0.0:7800
              tls: { certificate: /c.pem, key: /k.pem }
              insecure: true
              rate-limit: 60
            disk:
              minimum-free: 2GiB
              budgets: { mirrors: { size: 10GB }, caches: { size: 1KiB, age: 30d }, logs: { age: 1d } }
            retention: { runs: 10d }
            """
        let expected = ServerOptions(
            listen: .init(
                socket: "/run/runner/runner.sock",
                address: "0.0.0.0:7800",
                tlsCertificate: "/c.pem",
                tlsKey: "/k.pem",
                isInsecureAllowed: true,
                rateLimit: 60
            ),
            budgets: [
                .mirrors: .init(size: 10_000_000_000), .caches: .init(size: 1_024, age: .seconds(30 * 86_400)),
                .logs: .init(age: .seconds(86_400)),
            ],
            minimumFree: 2 << 30,
            keepRuns: .seconds(10 * 86_400)
        )
        #expect(parse(text).diagnostics.map(\.description) == [])
        #expect(parse(text).configuration?.server == expected)
    }

    @Test func `runs may be kept forever`() throws {
        let options = try #require(parse("retention: { runs: forever }").configuration?.server)
        #expect(options.keepRuns == nil)
    }

    @Test(arguments: [
        "url: /srv/web.git", "url: file:///srv/web.git", "url: https://h/w", "url: http://h/w", "url: ssh://git@h/w",
        "url: git@h:w", "url: git://h/w",
    ])
    func `each form of url is good`(url: String) {
        #expect(parse("repositories: { web: { \(url) } }").diagnostics.map(\.description) == [])
    }

    static let repositories = [
        Row(
            "repositories: { .web: { url: /a } }",
            "1:17",
            "`repositories` has the name `.web`",
            hint: "letters, digits"
        ),
        Row("repositories: { -web: { url: /a } }", "1:17", "`repositories` has the name `-web`"),
        Row("repositories: { a/b: { url: /a } }", "1:17", "has the name `a/b`, which no repository can have"),
        Row("repositories: { web: {} }", "1:17", "missing `url` in a repository"),
        Row("repositories: { web: /a }", "1:22", "`web` must be a mapping with `url`"),
        Row("repositories: { web: { ulr: /a, url: /b } }", "1:24", "unknown key `ulr`", hint: "did you mean `url`?"),
        Row("repositories: { web: { url: /a, token: x } }", "1:33", "unknown key `token`", hint: "token-file"),
        Row("repositories: { web: { url: web.git } }", "1:29", "`url` is in no known form", hint: "an absolute path"),
        Row("repositories: { web: { url: ../web.git } }", "1:29", "`url` is not an absolute path"),
        Row("repositories: { web: { url: htps://h/w } }", "1:29", "unknown scheme `htps`", hint: "`https://`?"),
        Row(
            "repositories: { web: { url: https://a:b@h/w } }",
            "1:37",
            "`url` has a password in it",
            hint: "token-file"
        ),
        Row("repositories: { web: { url: /a, poll: 0s } }", "1:39", "`poll` must be at least `1s`, found `0s`"),
        Row("repositories: { web: { url: /a, poll: 60 } }", "1:39", "`poll` must be a duration", hint: "`60s`"),
        Row("repositories: { web: { url: /a, transport: got } }", "1:44", "`transport` must be one of", hint: "`git`?"),
        Row("repositories: { web: { url: /a, first-run: yes } }", "1:44", "`first-run` must be", hint: "write `true`"),
        Row("repositories: { web: { url: /a, moved-tags: runs } }", "1:45", "`moved-tags` must be", hint: "`run`?"),
        Row(
            "repositories: { web: { url: https://h/w, credentials: { token-file: ~/t } } }",
            "1:69",
            "`token-file` must be an absolute path, found `~/t`",
            hint: "write the whole path"
        ),
        Row(
            "repositories: { web: { url: https://h/w, credentials: { password: x } } }",
            "1:57",
            "unknown key `password`",
            hint: "token-file"
        ),
    ]

    static let others = [
        Row("listen: { address: 7800 }", "1:20", "`address` must be `HOST:PORT`", hint: "127.0.0.1:7800"),
        Row("listen: { address: \":80\" }", "1:20", "`address` names no host"),
        Row("listen: { address: 0.0.0.0:80 }", "1:20", "`address` is `0.0.0.0:80`, beyond this machine", hint: "`tls:"),
        Row("listen: { address: \"[::]:80\" }", "1:20", "`address` is `[::]:80`, beyond this machine"),
        Row(
            "listen: { address: ci.example.com:80 }",
            "1:20",
            "beyond this machine, without `tls`",
            hint: "insecure: true"
        ),
        Row("listen: { address: 127.0.0.1:80, tls: { key: /k } }", "1:34", "missing `certificate` in `tls`"),
        Row("listen: { address: 127.0.0.1:80, tls: { certificate: /c } }", "1:34", "missing `key` in `tls`"),
        Row("listen: { port: 80 }", "1:11", "unknown key `port`", hint: "write `address:"),
        Row("listen: { socket: /\(String(repeating: "a", count: 107)) }", "1:19", "`socket` has 108 bytes"),
        Row("listen: { address: 127.0.0.1:80, rate-limit: 0 }", "1:46", "`rate-limit` must be a whole number from 1"),
        Row("disk: { minimum-free: 1G }", "1:23", "`minimum-free` must be a size", hint: "`1GiB`?"),
        Row("disk: { budgets: { cache: { size: 1GiB } } }", "1:20", "unknown key `cache`", hint: "`caches`?"),
        Row("disk: { budgets: { caches: {} } }", "1:20", "`caches` is empty"),
        Row("disk: { budgets: { caches: 1GiB } }", "1:28", "`caches` must be a mapping with `size` or `age`"),
        Row("retention: { runs: 0 }", "1:20", "`runs` must be above 0", hint: "write `forever`"),
        Row("retention: { runs: for-ever }", "1:20", "`runs` must be a duration", hint: "did you mean `forever`?"),
        Row("retention: { runs: 90 }", "1:20", "`runs` must be a duration", hint: "write the unit: `90d`"),
    ]

    @Test(arguments: repositories + others)
    func `a fault is found at its place`(row: Row) {
        #expect(parse(row.text).configuration == nil)
        row.check(.error, in: parse(row.text).diagnostics)
    }

    @Test(arguments: [
        Row(
            "repositories:\n  a: { url: https://h/team/w.git }\n  b: { url: git@h:team/w }\n",
            "3:13",
            "`b` is the same repository as `a`"
        ),
        Row("repositories: { a: { url: http://h/w, credentials: { token-file: /t } } }", "1:54", "in plain text"),
        Row("repositories: { a: { url: /w, credentials: { token-file: /t } } }", "1:46", "`token-file` has no effect"),
        Row(
            "repositories: { a: { url: https://h/w, credentials: { ssh-key: /t } } }",
            "1:55",
            "`ssh-key` has no effect"
        ),
        Row("repositories: { a: { url: git://h/w, credentials: { user: x } } }", "1:53", "`user` has no effect"),
        Row("listen: { insecure: true }", "1:11", "`insecure` has no effect without `address`"),
    ])
    func `what is odd is a warning`(row: Row) {
        #expect(parse(row.text).configuration != nil)
        row.check(.warning, in: parse(row.text).diagnostics)
    }

    @Test func `all faults are found at once`() {
        let text = """
            repositories:
              web: { url: https://ada:s3cret@h/w, poll: 0 }
              "a b": { ulr: x }
            listen: { address: 0.0.0.0:80 }
            retention: { runs: 0 }
            """
        let found = parse(text).diagnostics
        let places = found.map { "\($0.location.line):\($0.location.column)" }
        #expect(places == ["2:23", "2:45", "3:3", "3:3", "3:12", "4:20", "5:20"])
        #expect(!found.map(\.description).joined().contains("s3cret"))
    }

    @Test(arguments: ["repositories", "listen", "budgets"])
    func `what this repository's own configuration shows in comments is good`(key: String) throws {
        let text = try String(contentsOf: repositoryRoot.appending(path: "runner-config/runner.yml"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let block = lines.drop { $0.drop { $0 == " " } != "# \(key):" }.prefix { !$0.isEmpty }
        let example = block.map { $0.replacing("# ", with: "", maxReplacements: 1) }.joined(separator: "\n")
        #expect(!block.isEmpty)
        #expect(parse(key == "budgets" ? "disk:\n\(example)" : example).diagnostics.map(\.description) == [])
    }
}
