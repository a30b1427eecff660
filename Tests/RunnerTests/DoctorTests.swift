import FoundationEssentials
import SystemPackage
import Testing

/// `runner doctor` on this machine, whatever it offers.
struct DoctorTests {
    private struct Document: Decodable {
        struct Check: Decodable {
            let name, state, found: String
            let consequence, remedy: String?
        }
        let runs, sandbox: Bool
        let checks: [Check]
    }

    /// Runs a command where no user namespace can be made.
    private static let withoutNamespaces = [
        "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$0\" \"$@\"",
    ]

    @Test func `every check says what was found`() async throws {
        let end = try await RunnerFixture().run("doctor", "--json")
        let document = try JSONDecoder().decode(Document.self, from: Data(end.output.utf8))
        #expect(end.status == 0 && document.runs)
        #expect(document.checks.allSatisfy { !$0.found.isEmpty })
        #expect(document.checks.allSatisfy { $0.state == "ok" || $0.consequence != nil })
        let names = ["state", "kernel", "namespaces", "overlay", "bubblewrap", "cgroups", "shell", "libgit2", "git"]
        #expect(names.allSatisfy(document.checks.map(\.name).contains))
    }

    @Test func `what is missing has a consequence and a remedy`() async throws {
        let fixture = try await RunnerFixture()
        let command = Self.withoutNamespaces + [RunnerFixture.program.string, "doctor"]
        let end = try await fixture.execute("/usr/bin/unshare", command)
        #expect(end.status == 0, "\(end.errors)")
        #expect(end.output.contains("no  namespaces") && end.output.contains("sandbox: no"))
        #expect(end.output.contains("so: no sandbox") && end.output.contains("try: sysctl"))
    }

    @Test func `without a state directory nothing runs`() async throws {
        let end = try await RunnerFixture().run("doctor", "--state", "/proc/nowhere")
        #expect(end.status == 3 && end.output.contains("cannot run at all"))
    }

    @Test func `isolation that is required and forbidden is the runner's failure`() async throws {
        let pipeline = "on: { branches: [main] }\nstages: { a: { run: \"true\" } }\n"
        let fixture = try await RunnerFixture(["pipelines/ci.yml": pipeline])
        let command = Self.withoutNamespaces + [RunnerFixture.program.string, "local", "--isolation"]
        let end = try await fixture.execute("/usr/bin/unshare", command + ["required"])
        #expect(end.status == 3 && end.errors.contains("cannot isolate stages"), "\(end.errors)")
        #expect(try await fixture.execute("/usr/bin/unshare", command + ["auto"]).status == 0)
    }
}
