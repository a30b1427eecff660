import Foundation
import PipelineSyntax
import RunnerCore
import Testing

@Suite struct EnvironmentValueTests {
    private func parse(_ text: String) -> (environment: DeployEnvironment?, diagnostics: [Diagnostic]) {
        EnvironmentParser.parse(file: "runner-config/environments/production.yml", bytes: Array(text.utf8))
    }

    /// The value of a good file of two targets, with `text` as more of its keys.
    private func environment(_ text: String, release: String = "directory: {}") throws -> DeployEnvironment {
        let targets = """
            targets:
              a: { path: /srv/a, address: "10.0.0.1:80" }
              b: { path: /srv/b, address: "10.0.0.2:80" }
            """
        let parsed = EnvironmentParser.parse(
            file: "staging.yml",
            bytes: Array("\(targets)\nrelease: { \(release) }\n\(text)\n".utf8)
        )
        #expect(parsed.diagnostics.map(\.description) == [])
        return try #require(parsed.environment)
    }

    @Test func `a file with every key gives every value`() {
        let parsed = parse(environmentExample)
        #expect(parsed.diagnostics.map(\.description) == [])
        #expect(parsed.environment == environmentExampleValue)
    }

    @Test func `what a file leaves out is the default`() throws {
        let targets = [
            DeployTarget(name: "a", path: "/srv/a", address: "10.0.0.1:80"),
            DeployTarget(name: "b", path: "/srv/b", address: "10.0.0.2:80"),
        ]
        let expected = DeployEnvironment(name: "staging", targets: targets, release: .directory(DirectoryRelease()))
        #expect(try environment("") == expected)
    }

    @Test(arguments: [
        ("all-at-once", RolloutStrategy.allAtOnce), ("rolling", .rolling(batch: .count(1), pause: .zero)),
        ("{ rolling: {} }", .rolling(batch: .count(1), pause: .zero)),
        ("{ rolling: { batch: 2 } }", .rolling(batch: .count(2), pause: .zero)),
        ("{ rolling: { batch: 25%, pause: 10s } }", .rolling(batch: .percent(25), pause: .seconds(10))),
        ("{ canary: { steps: [{ weight: 9, hold: 0 }] } }", .canary([.init(weight: 9, hold: .zero)])),
    ])
    func `a strategy is a word or a mapping`(text: String, strategy: RolloutStrategy) throws {
        #expect(try environment("traffic: { command: ./w }\nstrategy: \(text)").strategy == strategy)
    }

    @Test(arguments: [("blue-green", 600), ("{ blue-green: {} }", 600), ("{ blue-green: { keep: 30m } }", 1_800)])
    func `blue-green keeps the old release for a while`(text: String, seconds: Int) throws {
        let parsed = parse(
            """
            targets: { a: { slots: { blue: "h:1", green: "h:2" } } }
            release: { command: { activate: ./a } }
            traffic: { command: ./w }
            protection: { passed: ci }
            strategy: \(text)
            """
        )
        #expect(parsed.diagnostics.map(\.description) == [])
        #expect(parsed.environment?.strategy == .blueGreen(keep: .seconds(seconds)))
    }

    @Test func `a release is made by scripts of one's own`() throws {
        let text =
            "command: { on: target, prepare: ./p, activate: ./a, deactivate: ./d, remove: ./r, timeout: 1m }"
        func script(_ text: String) -> Script { Script(text, timeout: .seconds(60)) }
        var expected = CommandRelease(place: .target, activate: script("./a"))
        expected.prepare = script("./p")
        expected.deactivate = script("./d")
        expected.remove = script("./r")
        #expect(try environment("", release: text).release == .command(expected))
        #expect(
            try environment("", release: "command: { activate: ./a }").release
                == .command(CommandRelease(activate: Script("./a")))
        )
    }

    @Test func `a release is made by containers`() throws {
        let text = """
            container: { program: docker, image: "h:5000/shop:{version}", archive: image.tar, port: 8080, \
            arguments: [--memory=512m, 7], keep: 2 }
            """
        var expected = ContainerRelease(program: .docker, image: "h:5000/shop:{version}", port: 8_080)
        expected.archive = "image.tar"
        expected.arguments = ["--memory=512m", "7"]
        expected.keep = 2
        #expect(try environment("", release: text).release == .container(expected))
    }

    @Test(arguments: [
        (
            "nginx: { file: /f, upstream: u }",
            TrafficDriver.Kind.nginx(file: "/f", upstream: "u", test: "nginx -t", reload: "nginx -s reload")
        ),
        ("haproxy: { socket: /s, backend: b }", .haproxy(socket: "/s", backend: "b")),
        ("haproxy: { socket: \"127.0.0.1:99\", backend: b }", .haproxy(socket: "127.0.0.1:99", backend: "b")),
        ("command: ./w", .command("./w")),
    ])
    func `traffic is moved by one of three`(text: String, kind: TrafficDriver.Kind) throws {
        #expect(try environment("traffic: { \(text) }").traffic == TrafficDriver(kind))
    }

    @Test(arguments: [
        ("http: /up", HealthProbe.http(HTTPProbe(path: "/up"))), ("tcp: true", .tcp),
        ("command: ./ok", .command("./ok")),
        ("http: https://h/up?a=1", .http(HTTPProbe(path: "https://h/up?a=1"))),
        ("http: { path: /up }", .http(HTTPProbe(path: "/up"))),
    ])
    func `health is one of three probes`(text: String, probe: HealthProbe) throws {
        #expect(try environment("health: { \(text) }").health == HealthCheck(probe))
    }

    @Test(arguments: [
        ("alembic: db", MigrationSettings.Tool.alembic(directory: "db")),
        (
            "command: { status: ./s, up: ./u, down: ./d }",
            .command(MigrationCommands(status: "./s", up: "./u", down: "./d"))
        ),
        ("command: { status: ./s, up: ./u }", .command(MigrationCommands(status: "./s", up: "./u", down: nil))),
    ])
    func `migrations are run by one of three tools`(text: String, tool: MigrationSettings.Tool) throws {
        let text = "secrets: DATABASE_URL\nmigrations: { \(text) }"
        #expect(try environment(text).migrations == MigrationSettings(tool))
    }

    @Test func `short forms stand for mappings`() throws {
        let value = try environment(
            """
            smoke: ./smoke
            backup: { create: ./c, restore: ./r, schedule: { cron: "0 2 * * *" } }
            protection: { approvals: 3 }
            hotfix: {}
            windows: { from: 22:00, to: 06:00, zone: UTC }
            """
        )
        #expect(value.smoke == Script("./smoke"))
        #expect(value.backup?.create == Script("./c", timeout: .seconds(1_800)))
        #expect(value.backup?.schedule == Schedule(cron: "0 2 * * *", zone: "UTC"))
        #expect(value.backup?.retention == BackupRetention())
        #expect(value.backup?.beforeMigrations == true)
        #expect(value.protection.approvals == Protection.Approvals(count: 3))
        #expect(value.hotfix == HotfixRules())
        #expect(
            value.windows == [DeployWindow(days: DeployWindow.Day.allCases, from: 1_320, to: 360, zone: "UTC")]
        )
    }
}

// MARK: - Refs, days and this repository

extension EnvironmentValueTests {
    @Test func `a kind of ref that is left out is not let in`() throws {
        let tags = try environment("protection: { refs: { tags: \"v*\" } }").protection
        #expect(tags.branches?.matches("main") == false)
        #expect(tags.tags == PatternList(["v*"]))
        let branches = try environment("protection: { refs: { branches: main } }").protection
        #expect(branches.branches == PatternList(["main"]))
        #expect(branches.tags?.matches("v1.0.0") == false)
        let any = try environment("protection: { signed: true }").protection
        #expect(any.branches == nil && any.tags == nil && any.versions == nil)
    }

    @Test func `tags may be a range of versions`() throws {
        let protection = try environment("protection: { refs: { tags: { semver: \">=1.0.0\" } } }").protection
        #expect(protection.branches?.matches("v1.0.0") == false)
        #expect(protection.tags?.matches("v1.0.0") == true)
        #expect(protection.versions == SemanticVersionRange(source: ">=1.0.0"))
    }

    @Test(arguments: [
        ("mon", [DeployWindow.Day.monday]), ("mon-fri", [.monday, .tuesday, .wednesday, .thursday, .friday]),
        ("sat-mon", [.saturday, .sunday, .monday]), ("[sun, sat, sun]", [.sunday, .saturday]), ("tue-tue", [.tuesday]),
    ])
    func `days are words or spans`(text: String, days: [DeployWindow.Day]) throws {
        let value = try environment("windows: { days: \(text), from: 00:00, to: 00:00, zone: UTC }")
        #expect(value.windows.map(\.days) == [days])
    }

    @Test(arguments: [
        ("a/b/qa-1.x.yml", "qa-1.x"), ("qa.yaml", "qa"), ("qa.yml.yml", "qa.yml"), ("qa", "qa"), ("", ""),
    ])
    func `the name is the file's`(file: String, name: String) {
        #expect(EnvironmentParser.name(of: file) == name)
    }

    @Test(arguments: ["staging", "production"])
    func `this repository's own environments are good`(name: String) throws {
        let file = "runner-config/environments/\(name).yml"
        let data = try Data(contentsOf: repositoryRoot.appending(path: file))
        let parsed = EnvironmentParser.parse(file: file, bytes: Array(data))
        #expect(parsed.diagnostics.map(\.description) == [])
        #expect(parsed.environment?.name == name)
        #expect(parsed.environment?.repositories == ["runner"])
    }

    @Test func `this repository's production takes only what is proven`() throws {
        let file = "runner-config/environments/production.yml"
        let data = try Data(contentsOf: repositoryRoot.appending(path: file))
        let value = try #require(EnvironmentParser.parse(file: file, bytes: Array(data)).environment)
        #expect(value.protection.versions == SemanticVersionRange(source: ">=0.1.0"))
        #expect(value.protection.branches == value.hotfix?.branches)
        #expect(value.protection.passed == ["ci"])
        #expect(value.protection.after == .init(environment: "staging", healthy: .seconds(86_400)))
        #expect(value.protection.approvals?.count == 1)
        #expect(value.windows.count == 1)
    }
}
