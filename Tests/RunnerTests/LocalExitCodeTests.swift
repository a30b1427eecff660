import SystemPackage
import Testing

/// `runner local` from a repository to its exit code.
struct LocalExitCodeTests {
    private static func pipeline(_ stage: String) -> [String: String] {
        ["pipelines/ci.yml": "name: ci\non: { branches: [\"**\"] }\nstages:\n  one: \(stage)\n"]
    }

    @Test(arguments: [
        ("{ run: \"true\" }", 0),
        ("{ run: exit 7 }", 1),
        ("{ rum: \"true\" }", 2),
        ("{ run: sleep 60, timeout: 1s, grace: 1s }", 5),
    ])
    func `the exit code says how the run ended`(stage: String, code: Int) async throws {
        let fixture = try await RunnerFixture(Self.pipeline(stage))
        let end = try await fixture.run("local")
        #expect(end.status == Int32(code), "\(end.output)\(end.errors)")
    }

    @Test func `a canceled run says so`() async throws {
        let fixture = try await RunnerFixture(Self.pipeline("{ run: echo ready; sleep 60 }"))
        let script = """
            { sh -c 'echo $$ > ../pid; exec "$0" local' "$0"; echo "ended $?"; } | while read -r line; do
              echo "$line"
              case "$line" in "[one] ready") kill -TERM "$(cat ../pid)" ;; esac
            done
            """
        let end = try await fixture.execute("/bin/sh", ["-c", script, RunnerFixture.program.string])
        #expect(end.output.contains("ended 4"), "\(end.output)\(end.errors)")
    }

    @Test(arguments: [["--nothing"], ["nothing"], ["local", "--tag", "a", "--branch", "b"], ["local", "--jobs", "0"]])
    func `wrong usage is wrong input`(arguments: [String]) async throws {
        let fixture = try await RunnerFixture()
        #expect(try await fixture.execute(RunnerFixture.program.string, arguments).status == 2)
    }
}
