import PipelineSyntax
import RunnerCore
import Testing

/// Keys, types and texts of an environment's file.
@Suite struct EnvironmentFindingTests {
    static let places: [Row] = [
        Row("release: { directory: {} }", "1:1", "missing `targets` in an environment", hint: "targets: {"),
        Row("targets: { a: { path: /a } }", "1:1", "missing `release` in an environment", hint: "release: {"),
        Row("targets: {}\nrelease: { directory: {} }", "1:1", "`targets` is empty"),
        Row("targets: [a]\nrelease: { directory: {} }", "1:10", "`targets` must be a mapping of names, found a list"),
        Row("targets: { a b: { path: /a } }\nrelease: { directory: {} }", "1:12", "is not a name: `a b`"),
        .target("host: web-1", "1:23", "`host` must be `ssh://USER@HOST:PORT`", hint: "`ssh://web-1`"),
        .target("host: localhost", "1:23", "`host` must be `ssh://", hint: "leave it out for this machine"),
        .target("host: \"ssh://ada:s3cret@h\"", "1:30", "`host` has a password in it", hint: "identity"),
        .target("host: ssh://-oProxyCommand=x", "1:29", "`host` has a host that is not of letters"),
        .target("host: \"ssh://a@-h\"", "1:32", "`host` has a host that is not of letters"),
        .target("host: \"ssh://-l@h\"", "1:30", "`host` has a user that is not of letters"),
        .target("host: \"ssh://a b\"", "1:30", "`host` has a host that is not of letters"),
        .target("host: \"ssh://a\\nb\"", "1:30", "`host` has a host that is not of letters"),
        .target("host: ssh://h:0", "1:31", "`host` has a port that is not from 1 to 65535"),
        .target("host: ssh://", "1:29", "`host` names no host"),
        .target("host: ssh://h/srv", "1:30", "`host` has a path", hint: "path: /PATH"),
        .target("path: srv", "1:23", "`path` must be an absolute path, found `srv`"),
        .target("path: /a/../b", "1:23", "`path` must be an absolute path", hint: "`..`"),
        .target("path: \"/a\\nb\"", "1:23", "`path` has a control character"),
        .target("address: 8080", "1:26", "`address` must be `HOST:PORT`", hint: "127.0.0.1:8080"),
        .target("address: \"h:0\"", "1:26", "`address` has the port 0"),
        .target("address: \"-h:1\"", "1:26", "`address` has a host that starts with `-`"),
        .target("address: \"a b:1\"", "1:26", "`address` has no host name or address", hint: "10.0.0.1:8080"),
        .target("slots: { blue: \"h:1\" }", "1:17", "missing `green` in `slots`"),
        .target("slots: { blue: \"h:1\", green: \"h:2\", red: \"h:3\" }", "1:53", "unknown key `red`"),
        .target("weight: 0", "1:25", "`weight` must be a whole number from 1 to 1000"),
        .target("labels: [a b]", "1:26", "an item of `labels` is not a name"),
        .target("password: x", "1:17", "unknown key `password` in a target", hint: "identity"),
    ]

    static let rollouts: [Row] = [
        .environment("strategy: canary", "3:11", "`strategy` must be one of `all-at-once`, `rolling`"),
        .environment(
            "strategy: { rolling: {}, canary: { steps: [{ weight: 1, hold: 1s }] } }\ntraffic: { command: w }",
            "3:26",
            "`strategy` has both `rolling` and `canary`",
            hint: "keep one of them"
        ),
        .environment("strategy: {}", "3:1", "`strategy` has none of `rolling`, `blue-green` or `canary`"),
        .environment(
            "strategy: { all-at-once: {}, rolling: {} }",
            "3:13",
            "unknown key `all-at-once`",
            hint: "strategy: all-at-once"
        ),
        .environment("strategy: { rolling: { batch: 0 } }", "3:31", "`batch` must be a number of targets"),
        .environment("strategy: { rolling: { batch: 101% } }", "3:31", "`batch` must be", hint: "`1%` to `100%`"),
        .environment(
            "strategy: { canary: { steps: [] } }\ntraffic: { command: w }",
            "3:30",
            "`steps` is an empty list"
        ),
        .environment(
            "strategy: { canary: { steps: [{ weight: 100, hold: 1s }] } }\ntraffic: { command: w }",
            "3:41",
            "`weight` must be a whole number from 1 to 99"
        ),
        .release("directory: {}, command: { activate: a }", "1:26", "`release` has both `directory` and `command`"),
        .release("", "1:1", "`release` has none of `directory`, `command` or `container`", hint: "directory:"),
        .release("directory: { keep: 1 }", "1:30", "`keep` must be a whole number from 2 to 1000"),
        .release("directory: { shared: /a }", "1:32", "`shared` must be a path below the release's directory"),
        .release("directory: { shared: [../a] }", "1:33", "must be a path below the release", hint: "`..`"),
        .release("directory: { restart: \"\" }", "1:33", "`restart` is empty"),
        .release("directory: { timeout: 0 }", "1:33", "`timeout` must be above 0, found `0`"),
        .release("command: {}", "1:11", "missing `activate` in `command` of `release`"),
        .release("command: { activate: a, on: server }", "1:39", "`on` must be one of `runner` or `target`"),
        .release("command: { activate: \"${{ ref.name }}\" }", "1:33", "which is not expanded in scripts"),
        .release("container: { program: lxc, image: i, port: 1 }", "1:33", "`program` must be one of `podman`"),
        .release("container: { program: docker, image: -i, port: 1 }", "1:48", "`image` must be an image"),
        .release("container: { program: docker, image: \"a:{tag}\", port: 1 }", "1:48", "`image` has `{tag}`"),
        .release("container: { program: docker, image: \"a:{version}\", port: 0 }", "1:69", "`port` must be"),
        .release(
            "container: { program: docker, image: \"a:{version}\", port: 1, arguments: [\"a\\tb\"] }",
            "1:86",
            "an item of `arguments` has a control character"
        ),
        .environment("traffic: {}", "3:1", "`traffic` has none of `nginx`, `haproxy` or `command`"),
        .environment("traffic: { command: w, haproxy: { socket: /s, backend: b } }", "3:24", "has both"),
        .environment("traffic: { nginx: { upstream: a } }", "3:12", "missing `file` in `nginx`"),
        .environment("traffic: { nginx: { file: /f, upstream: \"a;b\" } }", "3:41", "is not a name: `a;b`"),
        .environment("traffic: { haproxy: { socket: s, backend: b } }", "3:31", "`socket` must be `HOST:PORT`"),
    ]

    @Test(arguments: places + rollouts)
    func `a fault of targets and rollouts is found at its place`(row: Row) { check(row) }

    @Test(arguments: proofs)
    func `a fault of health and watch is found at its place`(row: Row) { check(row) }

    @Test(arguments: rules)
    func `a fault of data and rules is found at its place`(row: Row) { check(row) }

    private func check(_ row: Row) {
        let parsed = EnvironmentParser.parse(file: "staging.yml", bytes: Array(row.text.utf8))
        #expect(parsed.environment == nil)
        // A fault may make something else pointless, which is a warning.
        row.check(.error, in: parsed.diagnostics.filter { $0.severity == .error })
        #expect(!parsed.diagnostics.map(\.description).joined().contains("s3cret"))
    }
}

extension EnvironmentFindingTests {
    static let proofs: [Row] = [
        .environment("health: {}", "3:1", "`health` has none of `http`, `tcp` or `command`", hint: "http: /health"),
        .environment("health: { http: /a, tcp: true }", "3:21", "`health` has both `http` and `tcp`"),
        .environment("health: { http: a }", "3:17", "`http` must begin with `https://` or `http://`"),
        .environment("health: { http: /a b }", "3:19", "`http` has a character that no url has", hint: "%20"),
        .environment("health: { http: \"/a\\r\\nX: y\" }", "3:20", "`http` has a character that no url has"),
        .environment("health: { http: { status: [200] } }", "3:11", "missing `path` in `http` of `health`"),
        .environment("health: { http: { path: /a, status: 99 } }", "3:37", "`status` must be a whole number"),
        .environment("health: { http: { path: /a, json: {} } }", "3:29", "`json` is empty"),
        .environment("health: { tcp: true, timeout: 0s }", "3:31", "`timeout` must be above 0, found `0s`"),
        .environment("health: { tcp: true, interval: 0 }", "3:32", "`interval` must be above 0"),
        .environment("health: { tcp: true, retries: 3 }", "3:22", "unknown key `retries`", hint: "threshold"),
        .environment("smoke: { timeout: 1m }", "3:1", "missing `run` in `smoke`"),
        .environment("watch: { interval: 1m }\nhealth: { tcp: true }", "3:1", "missing `for` in `watch`"),
        .watch("probe: p95", "3:30", "a rule has none of `above` or `below`", hint: "above: 5"),
        .watch("probe: p95, above: 1, below: 2", "3:56", "a rule has both `above` and `below`"),
        .watch("above: 1", "3:30", "a rule has none of `prometheus`, `http`, `command` or `probe`"),
        .watch("probe: p95, command: c, above: 1", "3:46", "a rule has both `probe` and `command`"),
        .watch("probe: p99, above: 1", "3:41", "`probe` must be one of `error-rate` or `p95`", hint: "`p95`?"),
        .watch("probe: p95, above: 5%", "3:53", "`above` must be a number", hint: "write `5`"),
        .watch("probe: p95, above: 1e3", "3:53", "`above` must be a number such as `5` or `0.5`, found `1e3`"),
        .watch("probe: p95, above: nan", "3:53", "`above` must be a number"),
        .watch("probe: p95, above: 1, compare: last", "3:65", "`compare` must be one of `stable`"),
        .watch("prometheus: { url: \"http://a:s3cret@h\", query: q }, above: 1", "3:53", "`url` has a user in it"),
        .watch("prometheus: { url: \"http://-h\", query: q }, above: 1", "3:61", "`url` has no host where one belongs"),
        .watch("prometheus: { url: http://h }, above: 1", "3:34", "missing `query` in `prometheus`"),
        .watch("http: { url: http://h }, above: 1", "3:34", "missing `path` in `http` of a rule"),
    ]

    static let rules: [Row] = [
        .environment("url: javascript:alert(1)", "3:6", "`url` must begin with `https://` or `http://`"),
        .environment("url: \"https://h/<x>\"", "3:17", "`url` has a character that no url has"),
        .environment("repositories: [a/b]", "3:16", "an item of `repositories` has the name `a/b`"),
        .environment("variables: { RUNNER_X: a }", "3:14", "`variables` may not set `RUNNER_X`", hint: "own"),
        .environment("variables: { A: }", "3:14", "`A` has no value", hint: "\"\""),
        .environment("variables: { A: \"${{ secrets.B }}\" }", "3:18", "`A` has an expression"),
        .environment("variables: { A: \"x\\0y\" }", "3:17", "`A` has a NUL character"),
        .environment("secrets: [RUNNER_TOKEN]", "3:11", "an item of `secrets` may not set `RUNNER_TOKEN`"),
        .environment("secrets: [PATH]", "3:11", "an item of `secrets` may not set `PATH`"),
        .environment("migrations: {}", "3:1", "`migrations` has none of `sql`, `alembic` or `command`"),
        .environment("migrations: { command: { up: u } }", "3:15", "missing `status` in `command` of `migrations`"),
        .environment("migrations: { command: { status: s, up: u }, lock-timeout: 0 }", "3:60", "must be above 0"),
        .environment("backup: { create: c, schedule: { cron: 0 2 * * * } }", "3:1", "missing `restore` in `backup`"),
        .environment("drill: { cron: 0 2 * * }", "3:16", "`cron` must have five fields, found 4"),
        .environment("on-crash: ignore", "3:11", "`on-crash` must be one of `resume` or `roll-back`"),
        .environment("protection: { refs: {} }", "3:15", "`refs` is empty"),
        .environment("protection: { refs: { tags: [\"v?\"] } }", "3:30", "cannot be `v?`"),
        .environment("protection: { refs: { tags: { semver: nope } } }", "3:39", "`semver` cannot be read"),
        .environment("protection: { after: { environment: a } }", "3:15", "missing `healthy` in `after`"),
        .environment("protection: { approvals: 0 }", "3:26", "`approvals` must be a whole number from 1 to 20"),
        .environment("protection: { approvals: { within: 0 } }", "3:36", "`within` must be above 0"),
        .environment("protection: { checklist: { a: { run: x } } }", "3:28", "missing `text` in an item of"),
        .environment("protection: { windows: {} }", "3:15", "unknown key `windows`", hint: "stands beside"),
        .environment("windows: { from: 09:00, to: 10:00 }", "3:1", "missing `zone` in a window"),
        .window("days: []", "3:52", "`days` is an empty list"),
        .window("days: monday", "3:52", "`days` must be a day such as `mon`", hint: "write `mon`"),
        .window("days: mon-fri-sat", "3:52", "`days` must be a day"),
        .environment("windows: { from: 9:00, to: 10:00, zone: UTC }", "3:18", "`from` must be a time", hint: "`09:00`"),
        .environment("windows: { from: 09:00, to: 24:00, zone: UTC }", "3:29", "`to` must be", hint: "`00:00`"),
        .environment("windows: { from: 09:60, to: 10:00, zone: UTC }", "3:18", "`from` must be a time of the day"),
        .environment("windows: { from: 09:00, to: 10:00, zone: CET+1 }", "3:42", "must be an IANA time zone"),
        .freeze("2026-02-30", "2026-03-01", "3:18", "`from` is `2026-02-30`, a day that no calendar has"),
        .freeze("tomorrow", "2026-03-01", "3:18", "`from` must be a day such as"),
        .freeze("2026-01-01", "\"2026-01-02 18:00\"", "3:34", "`to` must be a day", hint: "`2026-01-02T18:00`"),
        .freeze("2100-02-29", "2101-01-01", "3:18", "a day that no calendar has"),
        .environment("hotfix: { skip: [passed] }", "3:18", "may not be `passed`: the fast track skips waiting"),
        .environment("hotfix: { skip: windows }", "3:17", "`skip` must be one of `newer`", hint: "`window`?"),
        .environment("hotfix: { merge-back: \"release/*\" }", "3:23", "must be the name of a branch"),
        .environment("hotfix: { merge-back: --all }", "3:23", "must be the name of a branch"),
        .environment("hotfix: { merge-back: refs/heads/main }", "3:23", "must be", hint: "write `main`"),
        .environment("branches: [main]", "3:1", "unknown key `branches`", hint: "protection: { refs:"),
    ]

    @Test(arguments: ["refs", "signature", "passed", "checklist", "lock", "repository"])
    func `the fast track never skips a check`(gate: String) {
        check(.environment("hotfix: { skip: \(gate) }", "3:17", "`skip` may not be `\(gate)`", hint: "it may skip"))
    }
}

extension Row {
    /// The text as more keys of a good file; its first line is line 3.
    static func environment(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        let start = "targets: { a: { path: /a, address: \"h:1\" }, b: { path: /b, address: \"h:2\" } }\n"
        return Row(start + "release: { directory: {} }\n" + text + "\n", place, message, hint: hint)
    }

    /// The text as keys of a target, which begin at 1:17.
    static func target(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        Row("targets: { we: {\(text)} }\nrelease: { command: { activate: a } }\n", place, message, hint: hint)
    }

    /// The text as keys of `release`, which begin at 1:11; the target has a path and an address.
    static func release(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        let targets = "targets: { a: { path: /a, address: \"h:1\" } }\n"
        return Row("release: {\(text)}\n" + targets, place, message, hint: hint)
    }

    /// The text as keys of a rule `r`, which begin at 3:34; health is asked by http.
    static func watch(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        .environment("watch: { for: 120m, rules: { r: {\(text)} } }\nhealth: { http: /h }", place, message, hint: hint)
    }

    /// The text as one more key of a window; its value begins at 3:52.
    static func window(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        .environment("windows: {from: 09:00, to: 10:00, zone: UTC, \(text) }", place, message, hint: hint)
    }

    static func freeze(_ from: String, _ to: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        .environment("freezes: { from: \(from), to: \(to), zone: UTC, reason: r }", place, message, hint: hint)
    }
}
