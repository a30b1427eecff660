import Testing

/// `runner local --shell-on-failure` on a real pseudo-terminal, which `script` makes.
struct ShellTests {
    private static let pipeline = """
        on: { branches: [main] }
        stages:
          bad:
            secrets: [TOKEN]
            env: { COLOR: blue }
            cache: [{ key: k, paths: [cached] }]
            steps:
              - run: echo "PASSED=on" >> "$RUNNER_ENV"; echo "LEAK=$TOKEN" >> "$RUNNER_ENV"; echo kept > cached/file
              - { name: second, run: 'echo half > made; env | sort > "$HOME/env"; exit 3' }
              - { run: echo later, if: always() }
        """

    /// Types lines into the shell; returns everything that the terminal showed.
    private func type(_ lines: String, arguments: String) async throws -> RunnerFixture.End {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let command = "\(RunnerFixture.program) local --secret TOKEN --shell-on-failure \(arguments)"
        let script = "printf '%s\\n' \"$1\" exit | script -qec \"$0; echo ended-\\$?\" /dev/null"
        return try await fixture.execute("/bin/sh", ["-c", script, command, lines], ["TOKEN": "geheim-4711"])
    }

    @Test(arguments: [("--isolation auto", "/workspace"), ("--isolation none", "workspace")])
    func `the shell stands where the step failed`(arguments: String, place: String) async throws {
        let lines = "echo in:$(pwd) made:$(cat made) cache:$(cat cached/file) $COLOR-$PASSED token:${#TOKEN}"
        let end = try await type(lines, arguments: arguments)
        let shown = end.output.split(whereSeparator: \.isNewline).last { $0.hasPrefix("in:") } ?? ""
        #expect(shown.contains("\(place) made:half cache:kept blue-on token:11"), "\(end.output)")
        #expect(end.output.contains("ended-1"))
    }

    @Test func `its variables are those of the step`() async throws {
        let lines =
            "env | sort | diff \"$HOME/env\" - | grep '^[<>]' | sed 's/=.*//' | tr -d '\\n' | sed 's/^/differs:/'"
        let end = try await type(lines, arguments: "--quiet")
        #expect(end.output.contains("differs:< LEAK> PS1[bad]"), "\(end.output)")
    }

    @Test func `jobs can be controlled`() async throws {
        let end = try await type("sleep 50 & kill %1; wait; echo done-$?", arguments: "--quiet")
        #expect(end.output.contains("done-0") && !end.output.contains("no job control"), "\(end.output)")
    }

    @Test func `without a terminal nothing runs`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let end = try await fixture.run("local", "--shell-on-failure")
        #expect(end.status == 2 && end.errors.contains("no terminal"))
    }
}
