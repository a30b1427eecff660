import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// What a sandbox shows of a machine that has its things at unusual places, and sandboxes that cannot be made.
@Suite(.serialized) struct MachineTests {
    /// A folder that a sandbox shows, which `/tmp` is not.
    private final class Shown: Sendable {
        let path: FilePath

        init() throws {
            var template = Array("/opt/runner-test-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw RunnerFixture.Failure(description: "mkdtemp: errno \(errno)") }
            path = FilePath(platformString: template)
            chmod(path.string, 0o755)
        }

        deinit { try? FileManager.default.removeItem(atPath: path.string) }
    }

    /// A repository whose only stage runs a script.
    private static func fixture(_ script: String) async throws -> RunnerFixture {
        try await RunnerFixture.oneStage(script, mark: RunnerFixture.mark())
    }

    private static func prepare(_ fixture: RunnerFixture, _ script: String) async throws {
        let made = try await fixture.execute("/bin/sh", ["-e", "-c", script])
        try #require(made.status == 0, "\(made.errors)")
    }

    @Test(.enabled(if: getuid() == 0, "only root writes where a sandbox looks"), arguments: [false, true])
    func `a home and a state behind a link are hidden`(isLinkShown: Bool) async throws {
        let shown = try Shown()
        let fixture = try await Self.fixture(
            "if cat \(shown.path)/*/.ssh/id || ls -d \(shown.path)/*/runs; then exit 1; fi"
        )
        let links = isLinkShown ? shown.path : fixture.directory.appending("links")
        let (home, state) = (links.appending("home-link"), links.appending("state-link"))
        try await Self.prepare(
            fixture,
            """
            mkdir -p \(links) \(shown.path)/h/.ssh \(shown.path)/h/bin \(shown.path)/s
            echo key > \(shown.path)/h/.ssh/id; printf '#!/bin/sh\\necho tool runs\\n' > \(shown.path)/h/bin/tool
            chmod 755 \(shown.path)/h/bin/tool; ln -s \(shown.path)/h \(home); ln -s \(shown.path)/s \(state)
            """
        )
        let end = try await fixture.run(
            "local",
            "--isolation",
            "required",
            environment: ["HOME": home.string, "RUNNER_STATE": state.string]
        )
        #expect(end.status == 0 && !end.output.contains("] key"), "\(end.output)\(end.errors)")
    }

    @Test(.enabled(if: getuid() == 0, "only root writes where a sandbox looks"), arguments: [false, true])
    func `a tool on PATH is found through a link`(isLinkShown: Bool) async throws {
        let shown = try Shown()
        let fixture = try await Self.fixture("tool")
        let links = isLinkShown ? shown.path : fixture.directory.appending("links")
        let home = links.appending("home-link")
        try await Self.prepare(
            fixture,
            """
            mkdir -p \(links) \(shown.path)/h/bin; printf '#!/bin/sh\\necho tool runs\\n' > \(shown.path)/h/bin/tool
            chmod 755 \(shown.path)/h/bin/tool; ln -s \(shown.path)/h \(home)
            """
        )
        let path = "\(home)/bin:\(fixture.environment["PATH"] ?? "")"
        let end = try await fixture.run(
            "local",
            "--isolation",
            "required",
            environment: ["HOME": home.string, "PATH": path]
        )
        #expect(end.status == 0 && end.output.contains("tool runs"), "\(end.output)\(end.errors)")
    }

    @Test(.enabled(if: getuid() == 0, "others cannot read it anyway"), arguments: [nil, "/"])
    func `what only root may read is hidden from root's steps`(home: String?) async throws {
        let (shown, tools) = (try Shown(), try Shown())
        let fixture = try await Self.fixture(
            """
            cd \(shown.path)
            grep plain plain
            if grep . token || ls closed/token; then exit 1; fi
            test ! -S socket
            grep tool \(tools.path)/tool
            """
        )
        try await Self.prepare(
            fixture,
            """
            cd \(shown.path); mkdir closed; echo plain > plain; echo secret > token; echo secret > closed/token
            chmod 600 token; chmod 700 closed; echo tool > \(tools.path)/tool; chmod 700 \(tools.path)
            /usr/bin/python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('socket')"
            """
        )
        let path = "\(tools.path):\(fixture.environment["PATH"] ?? "")"
        let variables = ["PATH": path, "HOME": home ?? fixture.home.string]
        let end = try await fixture.run("local", "--isolation", "required", environment: variables)
        #expect(end.status == 0 && !end.output.contains("] secret"), "\(end.output)\(end.errors)")
    }

    /// A directory with a `bwrap` that begins with a script of the test's.
    private static func bubblewrap(_ fixture: RunnerFixture, _ script: String) async throws -> [String: String] {
        let directory = fixture.directory.appending("programs")
        mkdir(directory.string, 0o755)
        let program = directory.appending("bwrap").string
        try "#!/bin/sh\n\(script)\nexec /usr/bin/bwrap \"$@\"\n".write(
            toFile: program,
            atomically: true,
            encoding: .utf8
        )
        chmod(program, 0o755)
        return ["PATH": "\(directory):\(fixture.environment["PATH"] ?? "")"]
    }

    @Test func `a sandbox that cannot be made is the runner's failure, not the step's`() async throws {
        let fixture = try await Self.fixture("true")
        let refusing = "case \"$*\" in *--chdir*) echo \"bwrap: Can't mount it\" >&2; exit 1;; esac"
        let environment = try await Self.bubblewrap(fixture, refusing)
        let end = try await fixture.run("local", "--isolation", "required", environment: environment)
        #expect(end.status == 3, "\(end.output)\(end.errors)")
        #expect(end.output.contains("cannot make the sandbox: Can't mount it"), "\(end.output)\(end.errors)")
    }

    @Test(arguments: ["echo 'bwrap: it failed'; exit 1", "exec /bin/sh -c 'rm -rf /runner/*; echo bwrap: it; exit 1'"])
    func `a step that speaks like bubblewrap has failed`(script: String) async throws {
        let end = try await Self.fixture(script).run("local", "--isolation", "required")
        #expect(end.status == 1, "\(end.output)\(end.errors)")
    }

    @Test func `a bubblewrap that was mended is noticed`() async throws {
        let fixture = try await Self.fixture("true")
        let broken = try await Self.bubblewrap(fixture, "echo 'bwrap: broken' >&2; exit 1")
        #expect(try await fixture.run("local", "--isolation", "required", environment: broken).status == 3)
        let mended = try await Self.bubblewrap(fixture, "")
        let end = try await fixture.run("local", "--isolation", "required", environment: mended)
        #expect(end.status == 0, "\(end.errors)")
    }
}
