import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// State directories of every name, length and kind, and machines that forbid namespaces.
@Suite(.serialized) struct PlaceTests {
    static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages: { work: { cache: [{ key: k, paths: [c] }], run: "cat f; date > c/d" } }
        """

    static let names = [
        "a b", "a,b", "a:b", "a\\b", "a\\,b\\:c", "a\nb", "'a\"b", "-rf", "$(touch x)", "ä", "upperdir=x,lowerdir=y",
        String(repeating: "x", count: 200) + "/" + String(repeating: "y", count: 200),
        Array(repeating: String(repeating: "z", count: 250), count: 4).joined(separator: "/"),
    ]

    @Test(arguments: names, ["auto", "none"])
    func `a state directory may have any name`(name: String, isolation: String) async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline, "f": "0"])
        let state = fixture.directory.pushing(FilePath("s/\(name)")).string
        for number in 1...2 {
            try fixture.write("number \(number)", to: "f")
            let end = try await fixture.run("local", "--isolation", isolation, environment: ["RUNNER_STATE": state])
            #expect(end.status == 0 && end.output.contains("number \(number)"), "\(end.output)\(end.errors)")
        }
    }

    @Test func `layers upon layers fit however long their paths are`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline, "f": "0"])
        let state = fixture.directory.appending(String(repeating: "y", count: 250))
            .appending(String(repeating: "y", count: 250)).string
        for number in 1...9 {
            try fixture.write("number \(number)", to: "f")
            let end = try await fixture.run("local", "--isolation", "required", environment: ["RUNNER_STATE": state])
            try #require(end.status == 0 && end.output.contains("number \(number)"), "\(end.output)\(end.errors)")
        }
    }

    @Test func `an empty RUNNER_STATE is none`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline, "f": "0"])
        #expect(try await fixture.run("local", environment: ["RUNNER_STATE": ""]).status == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.repository.string)
        #expect(names.sorted() == [".git", "f", "pipelines"])
    }

    @Test(arguments: ["/proc/nowhere", "/dev/null/state", "/sys/state"])
    func `a state directory that cannot be is named`(path: String) async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline, "f": "0"])
        let end = try await fixture.run("local", environment: ["RUNNER_STATE": path])
        #expect(end.status == 3)
        #expect(end.errors.contains("error: cannot use the state directory `\(path)`"), "\(end.errors)")
        #expect(end.errors.contains("--state"), "\(end.errors)")
    }

    @Test func `forbidden namespaces are noticed when they come and when they go`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline, "f": "0"])
        let without = "echo 0 > /proc/sys/user/max_user_namespaces && exec \(RunnerFixture.program) local --isolation"
        func forbidden(_ isolation: String) async throws -> RunnerFixture.End {
            try await fixture.execute("/usr/bin/unshare", ["-Ur", "/bin/sh", "-c", "\(without) \(isolation)"])
        }
        #expect(try await fixture.run("local", "--isolation", "required").status == 0)
        let fallback = try await forbidden("auto")
        #expect(fallback.status == 0, "\(fallback.errors)")
        #expect(fallback.output.contains("note: no sandbox on this machine"), "\(fallback.output)")
        let refused = try await forbidden("required")
        #expect(refused.status == 3)
        #expect(refused.errors.contains("cannot isolate stages"), "\(refused.errors)")
        #expect(try await fixture.run("local", "--isolation", "required").status == 0)
    }

    @Test func `a mount in an old workspace is neither entered nor in the way`() async throws {
        let fixture = try await RunnerFixture.oneStage("true", mark: "x")
        let script = """
            mkdir -p $RUNNER_STATE/work/9-old/a/b/m ../kept; echo kept > ../kept/file; touch $RUNNER_STATE/work/9-old/a/f
            mount --bind ../kept $RUNNER_STATE/work/9-old/a/b/m; touch -d 2001-01-01 $RUNNER_STATE/work/9-old
            \(RunnerFixture.program) local; echo status $?; cat ../kept/file; ls $RUNNER_STATE/work/9-old/a
            """
        let namespace = geteuid() == 0 ? ["-m"] : ["-Urm"]
        let end = try await fixture.execute("/usr/bin/unshare", namespace + ["/bin/sh", "-c", script], seconds: 20)
        #expect(end.output.hasSuffix("status 0\nkept\nb\n"), "\(end.output)\(end.errors)")
        #expect(end.errors.contains("note: cannot clean up: "), "\(end.errors)")
    }
}
