import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// `runner lint` on real directories.
struct LintTests {
    private static let good = "name: ci\non: { branches: [main] }\nstages: { a: { run: \"true\" } }\n"

    @Test func `what is right is silent`() async throws {
        let end = try await RunnerFixture(["pipelines/ci.yml": Self.good]).run("lint")
        #expect(end.status == 0 && end.output.isEmpty)
        #expect(end.errors == "1 file: 0 errors, 0 warnings\n")
    }

    @Test(arguments: [
        ("pipelines/ci.yml", "on: { branchs: [main] }\nstages: { a: { run: x } }\n", "pipelines/ci.yml:1:7: error: "),
        ("pipelines/two.yml", Self.good, "pipeline `ci` is also in pipelines/ci.yml"),
        ("runner-config/runner.yml", "slot: 2\n", "runner-config/runner.yml:1:1: error: "),
        ("pipelines/big.yml", String(repeating: "# a comment\n", count: 200_000), "pipelines/big.yml:1:1: error: "),
    ])
    func `every file of the working directory is checked`(path: String, text: String, finding: String) async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.good])
        try fixture.write(text, to: path)
        let end = try await fixture.run("lint")
        #expect(end.status == 2)
        #expect(end.output.contains(finding), "\(end.output)")
    }

    @Test func `files can be named from anywhere`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.good, "sub/x.yml": "stages: []\n"])
        let end = try await fixture.run("lint", "x.yml", "../pipelines/ci.yml", in: "sub")
        #expect(end.status == 2)
        #expect(end.output.hasPrefix("x.yml:1:"))
    }

    @Test func `a file that is not there is an error`() async throws {
        let end = try await RunnerFixture(["pipelines/ci.yml": Self.good]).run("lint", "nowhere.yml")
        #expect(end.status == 2)
        #expect(end.output == "nowhere.yml:1:1: error: there is no such file\n")
    }

    @Test func `a named configuration is checked as one`() async throws {
        let fixture = try await RunnerFixture(["runner.yml": "slots: 0\n", "my.yml": "slots: 2\n"])
        #expect(try await fixture.run("lint", "runner.yml").output.contains("slots"))
        #expect(try await fixture.run("lint", "--kind", "config", "my.yml").status == 0)
    }

    @Test func `warnings are errors only when asked`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": "stages: { a: { run: \"true\" } }\n"])
        let end = try await fixture.run("lint")
        #expect(end.status == 0 && end.output.contains("warning: nothing starts this pipeline"))
        #expect(try await fixture.run("lint", "--strict").status == 2)
    }

    @Test func `git is not needed`() async throws {
        let fixture = try await RunnerFixture()
        try fixture.write("stages: { a: { rum: x } }\n", to: "../plain/pipelines/ci.yml")
        let end = try await fixture.run("lint", in: "../plain/pipelines")
        #expect(end.status == 2 && end.output.contains("pipelines/ci.yml:1:"))
    }

    @Test func `a link is reported and not followed`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.good])
        symlink("/etc/passwd", fixture.repository.appending("pipelines").appending("out.yml").string)
        let end = try await fixture.run("lint")
        #expect(end.status == 0 && end.output.contains("pipelines/out.yml:1:1: warning: this is a link"))
    }

    @Test func `the document has every finding`() async throws {
        struct Document: Decodable {
            struct Finding: Decodable {
                let severity, file, message: String
                let line, column: Int
            }
            let files: [String]
            let errors, warnings: Int
            let diagnostics: [Finding]
        }
        let end = try await RunnerFixture(["pipelines/ci.yml": "stages: { a: { rum: x } }\n"]).run("lint", "--json")
        let document = try JSONDecoder().decode(Document.self, from: Data(end.output.utf8))
        #expect(end.status == 2 && document.files == ["pipelines/ci.yml"])
        #expect(document.errors + document.warnings == document.diagnostics.count)
        #expect(document.diagnostics.contains { $0.severity == "error" && $0.line == 1 && $0.column == 16 })
    }

    @Test func `nothing to check is wrong input`() async throws {
        let end = try await RunnerFixture().run("lint")
        #expect(end.status == 2 && end.errors.contains("found nothing to check"))
    }
}
