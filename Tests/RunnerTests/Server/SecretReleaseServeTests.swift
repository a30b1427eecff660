import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// Secrets of a real daemon: who gets them, in which version, and what becomes of a run that does not.
@Suite struct SecretReleaseServeTests {
    private static let stages = """
          plain: { run: "true" }
          use: { secrets: [TOKEN], run: 'printf %s "$TOKEN" | sha256sum' }

        """

    private func digest(_ value: String) -> String { Digest.sha256(value).description }

    @Test func `an ordinary branch does not get a secret, and the rest of its run goes on`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run(giving: "value-of-main-1\n", to: "secret", "set", "TOKEN")
        let ordinary = try await daemon.stages(of: try await daemon.push(to: "feature/x"))
        #expect(ordinary["plain"]?.outcome == .succeeded)
        #expect(ordinary["use"]?.outcome == .errored)
        #expect(ordinary["use"]?.reason?.contains("it goes to protected refs alone") == true)
        let run = try await daemon.push(to: "main")
        #expect(try await daemon.stages(of: run)["use"]?.outcome == .succeeded)
        #expect(try daemon.output(of: "use", run: run).hasPrefix(digest("value-of-main-1")))
        let uses = try await daemon.document(Page<SecretUseView>.self, "secret", "audit")
        #expect(uses.items.map(\.run) == [run])
        #expect(uses.items.first?.stage == "use" && uses.items.first?.ref == "refs/heads/main")
    }

    @Test func `rotated between two runs, removed before the third`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        try await daemon.run(giving: "value-number-one", to: "secret", "set", "TOKEN")
        let first = try await daemon.push()
        _ = try await daemon.stages(of: first)
        let said = try await daemon.run(giving: "value-number-two", to: "secret", "rotate", "TOKEN")
        #expect(said.output.contains("version 2 now; it last went to a run"))
        let second = try await daemon.push()
        _ = try await daemon.stages(of: second)
        #expect(try daemon.output(of: "use", run: first).hasPrefix(digest("value-number-one")))
        #expect(try daemon.output(of: "use", run: second).hasPrefix(digest("value-number-two")))
        try await daemon.run("secret", "remove", "TOKEN")
        let third = try await daemon.stages(of: try await daemon.push())
        #expect(third["use"]?.reason?.contains("the server has no secret of that name") == true)
        let uses = try await daemon.document(Page<SecretUseView>.self, "secret", "audit", "TOKEN")
        #expect(uses.items.map(\.version) == ["v2", "v1"])
        let actions = try await daemon.document(Page<AuditEntryView>.self, "audit").items.map(\.action)
        #expect(actions.filter { $0.hasPrefix("secret") } == ["secret-set", "secret-rotated", "secret-removed"])
    }

    @Test func `commands: a value, none, one that fails, one that hangs`() async throws {
        let settings = """
            secrets:
              GOOD: { command: "echo from-a-command", cache: 5m }
              BAD: { command: "echo half-a-secret-7; exit 3" }
              SLOW: { command: "echo half-a-secret-8; sleep 300 & sleep 300", timeout: 1s }
              LOUD: { command: "yes a-secret-9", timeout: 30s }
              MUTE: { command: "true" }

            """
        let names = ["GOOD", "BAD", "SLOW", "LOUD", "MUTE"]
        let stages = names.map { "  \($0.lowercased()): { secrets: \($0), run: 'echo ${#\($0)}' }\n" }.joined()
        let daemon = try await DaemonFixture(stages: stages, settings: settings)
        let begin = ContinuousClock.now
        let run = try await daemon.push()
        let ended = try await daemon.stages(of: run)
        #expect(ContinuousClock.now - begin < .seconds(25))
        #expect(ended["good"]?.outcome == .succeeded)
        #expect(try daemon.output(of: "good", run: run) == "14\n")
        #expect(ended["bad"]?.reason?.contains("its command ended with exit code 3") == true)
        #expect(ended["slow"]?.reason?.contains("its command took longer than 1") == true)
        #expect(ended["loud"]?.reason?.contains("its command printed more than 65536 bytes") == true)
        #expect(ended["mute"]?.reason?.contains("its command printed nothing") == true)
        let search = SecretSearch(["half-a-secret-7", "half-a-secret-8", "a-secret-9", "from-a-command"])
        #expect(try await search.files(below: daemon.fixture.state, daemon.fixture) == [])
        #expect(!search.holds(daemon.logged.utf8))
    }

    @Test func `a command that hangs holds up its own run alone`() async throws {
        let daemon = try await DaemonFixture(
            stages: "  use: { secrets: SLOW, run: \"true\" }\n",
            settings: "secrets: { SLOW: { command: sleep 300, timeout: 40s } }\n"
        )
        let slow = try await daemon.push(to: "main")
        let quick = try await daemon.push(to: "feature/x")
        #expect(try await daemon.stages(of: quick)["use"]?.outcome == .errored)
        #expect(try await daemon.detail(slow).run.outcome == nil)
        try await daemon.run("cancel", "\(slow)")
    }

    @Test func `a daemon that ends does not wait for a command, and the next one asks again`() async throws {
        let served = try await ServedRepository(stages: Self.stages)
        let flag = served.fixture.directory.appending("asked")
        let command = "if [ -e \(flag) ]; then echo a-value; else touch \(flag); sleep 300; fi"
        let settings = "\nsecrets: { TOKEN: { command: \"\(command)\", timeout: 100s } }\n"
        let text = "repositories:\n  web: { url: \(served.bare) }\n\(settings)"
        try text.write(toFile: served.configuration.string, atomically: false, encoding: .utf8)
        var daemon = try await served.serve()
        try await served.push()
        try await Await.until("the command to be asked", within: 30) { FileSystem.exists(flag) }
        let begin = ContinuousClock.now
        #expect(daemon.end() == 0)
        #expect(ContinuousClock.now - begin < .seconds(20))
        daemon = try await served.serve()
        #expect(try await served.end(of: 1).outcome == .succeeded)
        daemon.end()
    }

    @Test func `ten secrets of 64 KiB arrive whole`() async throws {
        let names = (0..<10).map { "BIG\($0)" }
        let sums = names.map { "printf %s \"$\($0)\" | sha256sum" }.joined(separator: "\n      ")
        let daemon = try await DaemonFixture(
            stages: "  use:\n    secrets: [\(names.joined(separator: ", "))]\n    run: |\n      \(sums)\n"
        )
        let values = (0..<10).map { index in
            String(String(repeating: "\(index)-\(UniqueName.make())-", count: 4000).prefix(SecretStore.longest))
        }
        for (name, value) in zip(names, values) { try await daemon.run(giving: value, to: "secret", "set", name) }
        try await daemon.run(giving: values[0] + "x", to: "secret", "set", "HUGE", status: 2)
        let run = try await daemon.push()
        let ended = try await daemon.stages(of: run)
        #expect(ended["use"]?.outcome == .succeeded, "\(ended["use"]?.reason ?? "")")
        let found = try daemon.output(of: "use", run: run).split(separator: "\n").map { $0.prefix(64) }
        #expect(found.map(String.init) == values.map(digest))
    }

    @Test func `a value is no argument, and one that hides badly is told`() async throws {
        let daemon = try await DaemonFixture(stages: Self.stages)
        let refused = try await daemon.run("secret", "set", "TOKEN", "a-value-in-argv", status: 2)
        #expect(!(refused.errors + refused.output).contains("a-value-in-argv"))
        let pair = try await daemon.run("secret", "set", "TOKEN=a-value-in-argv", status: 2)
        #expect(!(pair.errors + pair.output).contains("a-value-in-argv"))
        let warned = try await daemon.run(giving: "abc\n", to: "secret", "set", "TOKEN")
        #expect(warned.errors.contains("too short to be hidden"))
        try await daemon.run(giving: "", to: "secret", "set", "TOKEN", status: 2)
        try await daemon.run(giving: "value\n", to: "secret", "set", "PATH", status: 2)
        let list = try await daemon.document(Page<SecretView>.self, "secret", "list")
        #expect(list.items.map(\.version) == [1])
    }

    @Test func `killed while it makes a new key, a daemon can read all secrets again`() async throws {
        let served = try await ServedRepository(stages: Self.stages)
        var daemon = try await served.serve()
        let fixture = served.fixture
        for index in 0..<30 {
            let script = "printf 'value number \(index)' | \(RunnerFixture.program) secret set S\(index)"
            #expect(try await fixture.execute("/bin/sh", ["-c", script]).status == 0)
        }
        for round in 0..<6 {
            async let end = fixture.run("secret", "rekey")
            // Somewhere on the way: where, no round knows.
            try await Task.sleep(for: .milliseconds(15 + 20 * round))
            daemon.end(SIGKILL)
            _ = try await end
            let database = try served.database()
            let key = SecretKeyPlace(served.state, named: nil, credentials: nil)
            let store = SecretStore(database, key: key)
            for index in 0..<30 {
                #expect(try await store.open("S\(index)", environment: nil)?.value == "value number \(index)")
            }
            try database.close()
            daemon = try await served.serve()
            #expect(FileSystem.names(in: served.state.secretsKey.removingLastComponent()) == ["secrets.key"])
        }
        daemon.end()
    }
}
