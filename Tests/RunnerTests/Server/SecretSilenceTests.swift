import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// That no one sees a secret's value who did not get it: in files, arguments, variables, answers and logs.
@Suite struct SecretSilenceTests {
    private static let variable = "Qz7-variable-6f1d0c9b8e"
    private static let file = "Qz7-file-line-one-aa55\nQz7-file-line-two-bb66"

    private static let stages = #"""
          use:
            secrets: [TOKEN, { name: KUBECONFIG, as: file }]
            run: |
              echo "variable $TOKEN"
              cat "$KUBECONFIG"; echo
              base64 -w0 "$KUBECONFIG"; echo
              printf %s "$TOKEN" | base64
              echo ready
              until [ -e "$HOME/go" ]; do sleep 0.05; done
          fail:
            needs: use
            if: always()
            secrets: [TOKEN, { name: KUBECONFIG, as: file }]
            steps:
              - run: echo "PASSED=$TOKEN" >> "$RUNNER_ENV"
              - run: |
                  echo "$PASSED"
                  cat "$KUBECONFIG" > /dev/null
                  exit 1

        """#

    @Test(arguments: ["auto", "none"]) func `nothing shows a value`(isolation: String) async throws {
        let daemon = try await DaemonFixture(stages: Self.stages, settings: "isolation: \(isolation)\n")
        try await daemon.run(giving: Self.variable, to: "secret", "set", "TOKEN")
        try await daemon.run(giving: Self.file, to: "secret", "set", "KUBECONFIG")
        let search = SecretSearch([Self.variable] + Self.file.split(separator: "\n").map(String.init))
        let run = try await daemon.push()
        try await Await.eventually("the step to have its secrets") {
            try daemon.output(of: "use", run: run).contains("ready") ? () : nil
        }
        #expect(search.processes() == [])
        #expect(try await search.files(below: daemon.fixture.state, daemon.fixture) == [])
        let home = StateDirectory(daemon.fixture.state).work.appending("\(run)-use").appending("home")
        try FileSystem.write([UInt8](), to: home.appending("go"))
        let ended = try await daemon.stages(of: run)
        #expect(ended["use"]?.outcome == .succeeded, "\(ended["use"]?.reason ?? "")")
        #expect(ended["fail"]?.outcome == .failed)
        #expect(ended["fail"]?.keptWorkspace != nil)
        #expect(try await search.files(below: daemon.fixture.state, daemon.fixture) == [])
        #expect(search.processes() == [])
        #expect(!search.holds(daemon.logged.utf8))
        for command in [
            ["show", "\(run)"], ["logs", "\(run)"], ["audit"], ["secret", "list"], ["secret", "audit"], ["list"],
        ] {
            let end = try await daemon.fixture.execute(RunnerFixture.program.string, command)
            #expect(end.status == 0 && !search.holds(end.output.utf8) && !search.holds(end.errors.utf8), "\(command)")
        }
        #expect(try await search.files(below: "/dev/shm", daemon.fixture) == [])
    }

    @Test func `the search finds what is there`() async throws {
        let search = SecretSearch([Self.variable])
        for shift in ["", "a", "ab"] {
            let text = Data((shift + Self.variable + "tail").utf8).base64EncodedString()
            #expect(search.holds("x \(text)".utf8))
        }
        let fixture = try await RunnerFixture()
        try fixture.write("a\0b \(Self.variable)", to: "it")
        #expect(try await search.files(below: fixture.repository, fixture) == ["\(fixture.repository)/it"])
        #expect(search.holds("a \(Self.variable) b".utf8) && !search.holds("a b".utf8))
    }

    @Test func `a backup has the sealed values and not the key`() async throws {
        let daemon = try await DaemonFixture(stages: "  go: { run: \"true\" }\n")
        try await daemon.run(giving: Self.variable, to: "secret", "set", "TOKEN")
        let backup = daemon.fixture.directory.appending("backup.tar")
        let said = try await daemon.run("state", "backup", backup.string)
        #expect(said.errors.contains("not the key"))
        let state = StateDirectory(daemon.fixture.directory.appending("restored"))
        try await daemon.run("state", "restore", backup.string, "--state", state.path.string)
        #expect(!FileSystem.exists(state.secretsKey))
        let database = try RunnerDatabase(at: state.database)
        let key = SecretKeyPlace(state, named: nil, credentials: nil)
        await #expect(throws: RunnerError.self) {
            try await SecretStore(database, key: key).open("TOKEN", environment: nil)
        }
        let own = StateDirectory(daemon.fixture.state).secretsKey
        try FileSystem.makeDirectories(state.secretsKey.removingLastComponent(), mode: 0o700)
        let bytes = try #require(try FileSystem.read(own))
        try FileSystem.write(bytes, to: state.secretsKey, mode: 0o600)
        #expect(try await SecretStore(database, key: key).open("TOKEN", environment: nil)?.value == Self.variable)
        try database.close()
    }
}
