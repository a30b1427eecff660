import FoundationEssentials
import RunnerAPI
import RunnerCore
import SystemPackage
import Testing

/// The commands about the daemon itself.
struct ServerCommandTests {
    @Test func `a daemon that is not there is the runner's failure`() async throws {
        let fixture = try await RunnerFixture()
        for arguments in [["status"], ["list", "--json"], ["watch", "1"], ["run", "ci"], ["local", "--run", "1"]] {
            let end = try await fixture.execute(RunnerFixture.program.string, arguments)
            #expect(end.status == 3 && end.errors.contains("runner serve"), "\(arguments): \(end.errors)")
        }
        let named = try await fixture.run("status", "--server", "unix:///nowhere/runner.sock")
        #expect(named.status == 3 && named.errors.contains("there is no such socket"), "\(named.errors)")
        let wrong = try await fixture.run("status", environment: ["RUNNER_SERVER": "ftp://there"])
        #expect(wrong.status == 2 && wrong.errors.contains("http(s)://HOST:PORT"))
    }

    @Test func `a drained daemon starts nothing new until told`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        #expect(try await daemon.document(StatusView.self, "drain").isDraining)
        let run = try await daemon.start()
        try await daemon.wait(for: run) { $0.run.status == .waiting }
        #expect(try await daemon.run("list", "--open").output.contains("draining"))
        #expect(try await daemon.run("status").output.hasPrefix("draining: nothing new starts"))
        #expect(try await daemon.run("drain", "--off").output.hasPrefix("taking work"))
        try await daemon.run("watch", "\(run)")
    }

    @Test func `an upgrade ends no stage`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: 'echo begun; sleep 4; echo ended' }\n")
        let run = try await daemon.start()
        try await daemon.wait(for: run) { $0.stages.first?.steps.first?.log != nil }
        async let watched = daemon.run("watch", "\(run)")
        let before = try await daemon.document(StatusView.self, "status")
        #expect(try await daemon.run("upgrade").output.contains("is runner"))
        let after = try await daemon.document(StatusView.self, "status")
        #expect(after.startedAt > before.startedAt && after.pid == before.pid)
        let output = try await watched.output
        #expect(output.contains("[a] begun") && output.contains("[a] ended"), "\(output)")
        let refused = try await daemon.run("upgrade", "--binary", "/bin/false", status: 2)
        #expect(refused.errors.contains("cannot upgrade to `/bin/false`"))
    }

    @Test func `the configuration is read again, but for a bad one`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        let file = daemon.fixture.directory.appending("runner.yml").string
        try "slots: 7\n".write(toFile: file, atomically: true, encoding: .utf8)
        try await daemon.run("reload")
        #expect(try await daemon.document(StatusView.self, "status").slots == 7)
        try "slots: none\n".write(toFile: file, atomically: true, encoding: .utf8)
        let refused = try await daemon.run("reload", status: 2)
        #expect(refused.errors.contains("runner.yml"), "\(refused.errors)")
        #expect(try await daemon.document(StatusView.self, "status").slots == 7)
    }

    @Test func `a lock is listed, and broken with a reason`() async throws {
        let pipeline = """
            name: ci
            on: { manual: {} }
            concurrency: { group: one, policy: queue }
            stages: { a: { grace: 1s, run: sleep 60 } }
            """
        let daemon = try await DaemonFixture(["pipelines/ci.yml": pipeline])
        let (first, second) = (try await daemon.start(), try await daemon.start())
        try await daemon.wait(for: first) { $0.run.status == .running }
        let locks = try await daemon.document(Page<LockView>.self, "lock", "list")
        #expect(locks.items.map(\.run) == [first])
        let name = try #require(locks.items.first?.name)
        #expect(try await daemon.run("lock", "list").output.contains("run \(first)"))
        try await daemon.run("lock", "break", name, status: 2)
        try await daemon.run("lock", "break", name, "--reason", "it hangs")
        try await daemon.wait(for: second) { $0.run.status == .running }
        #expect(try await daemon.run("audit").output.contains("lock-broken"))
    }

    @Test func `the audit is shown, and its chain is checked`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        try await daemon.run("drain")
        try await daemon.run("drain", "--off")
        let lines = try await daemon.document(Page<AuditEntryView>.self, "audit", "--limit", "2")
        #expect(lines.items.map(\.action) == ["drained", "resumed"])
        #expect(try await daemon.run("audit").output.hasPrefix("LINE"))
        #expect(try await daemon.run("audit", "--verify").output.contains("3 lines, all as they were written"))
    }

    @Test func `over the network, a token says what one may`() async throws {
        let settings = "listen: { address: '127.0.0.1:0' }\n"
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n", settings: settings)
        let made = try await daemon.run("token", "create", "bob", "--role", "viewer", "--expires", "1d")
        let token = made.output.split(separator: "\n").first.map(String.init) ?? ""
        #expect(try await daemon.run("token", "list").output.contains("viewer"))
        let port = try #require(daemon.logged.firstMatch(of: /port=([0-9]+)/)).output.1
        let variables = ["RUNNER_SERVER": "http://127.0.0.1:\(port)", "RUNNER_TOKEN": token]
        #expect(try await daemon.fixture.run("list", environment: variables).status == 0)
        let refused = try await daemon.fixture.run("drain", environment: variables)
        #expect(refused.status == 2 && refused.errors.contains("admin"), "\(refused.errors)")
        try await daemon.run("token", "revoke", "bob")
        #expect(try await daemon.fixture.run("list", environment: variables).status == 2)
        #expect(try await daemon.document(Page<TokenView>.self, "token", "list").items.isEmpty)
    }
}
