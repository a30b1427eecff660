import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// Repositories that mean harm, and logs of any size.
@Suite(.serialized) struct HostileRepositoryTests {
    static let pipeline = """
        name: ci
        on: { branches: ["**"] }
        stages: { work: { run: "find . | sort" } }
        """

    @Test func `nothing of a repository's configuration is executed`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let evil = fixture.directory.appending("evil").string
        let keys = [
            "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy",
            "diff.external", "diff.evil.textconv", "credential.helper", "filter.evil.smudge",
        ]
        for key in keys { try await fixture.git("config", key, "touch \(evil)") }
        let hooks = ["pre-commit", "post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction"]
        try fixture.write("* diff=evil\n", to: ".gitattributes")
        for hook in hooks {
            try fixture.write("#!/bin/sh\ntouch \(evil)\n", to: ".git/hooks/\(hook)")
            chmod(fixture.repository.appending(".git/hooks/\(hook)").string, 0o755)
        }
        for selector in [[], ["--committed"], ["--ref", "HEAD"]] as [[String]] {
            let end = try await fixture.execute(RunnerFixture.program.string, ["local"] + selector)
            #expect(end.status == 0, "\(end.errors)")
        }
        #expect(access(evil, F_OK) != 0)
    }

    @Test func `special files, loops and odd names hold nothing up`() async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let script = """
            mkfifo fifo; mkdir d; ln -s .. d/loop; ln -s /etc/passwd link; ln -s nowhere dangling; ln -s self self
            mkdir 'new
            line'; echo x > 'new
            line/$(touch oops)'; mkdir -- -rf; echo x > -rf/-rf; printf x > "$(printf 'b\\377d')"; mkdir sub; git init -q sub
            /usr/bin/python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('sock')"
            """
        let made = try await fixture.execute("/bin/sh", ["-e", "-c", script])
        try #require(made.status == 0, "\(made.errors)")
        let end = try await fixture.run("local", seconds: 20)
        #expect(end.status == 0, "\(end.errors)")
        #expect(end.output.contains("[work] ./-rf/-rf\n") && end.output.contains("[work] ./d/loop\n"), "\(end.output)")
        #expect(!end.output.contains("fifo\n") && !end.output.contains("sock\n"), "\(end.output)")
    }

    @Test(arguments: [".git", ".GIT", "..", "."])
    func `a tree that leads out of its directory is refused`(name: String) async throws {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        let script = """
            import subprocess as s, sys
            def out(*a, **k): return s.run(a, capture_output=True, check=True, **k).stdout.decode().strip()
            blob = out("git", "hash-object", "-w", "--stdin", input=b"x")
            pipelines = out("git", "rev-parse", "HEAD:pipelines")
            def tree(*entries):
                data = b"".join(m + b" " + n + b"\\0" + bytes.fromhex(i) for m, n, i in entries)
                return out("git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin", input=data)
            evil = tree((b"100644", b"config", blob))
            top = tree((b"40000", sys.argv[1].encode(), evil), (b"40000", b"pipelines", pipelines))
            print(out("git", "commit-tree", "-m", "x", top))
            """
        let made = try await fixture.execute("/usr/bin/python3", ["-c", script, name])
        try #require(made.status == 0, "\(made.errors)")
        let commit = made.output.split(separator: "\n").first.map(String.init) ?? ""
        let end = try await fixture.run("local", "--ref", commit)
        #expect(end.status == 2 || end.status == 3, "\(end.output)\(end.errors)")
        #expect(end.errors.hasPrefix("error: cannot"), "\(end.errors)")
    }

    @Test(arguments: ["auto", "none"])
    func `links in place of artifacts and caches lead nowhere`(isolation: String) async throws {
        let fixture = try await RunnerFixture([
            "pipelines/ci.yml": """
            name: ci
            on: { branches: ["**"] }
            stages:
              cache: { cache: [{ key: k, paths: [link/c] }], run: "true" }
              whole: { artifacts: { a: { paths: [made] } }, run: "ln -s /etc made" }
              below: { artifacts: { b: { paths: ["made/**"] } }, run: "ln -s /etc made" }
              inner: { artifacts: { e: { paths: ["d/**"] } }, run: "mkdir d; ln -s ../../../../../etc/passwd d/p" }
            """
        ])
        let outside = fixture.directory.appending("outside").string
        mkdir(outside, 0o700)
        symlink(outside, fixture.repository.appending("link").string)
        let end = try await fixture.run("local", "--isolation", isolation)
        #expect(end.status == 1, "\(end.errors)")
        for stage in ["cache", "whole", "below", "inner"] {
            #expect(!end.output.contains("[\(stage)] succeeded"), "\(end.output)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside).isEmpty)
    }

    @Test(arguments: [
        "yes 'a line of text that is about a hundred bytes long, to fill a log of many lines' | head -c 200000000 || true",
        "head -c 50000000 /dev/zero | tr '\\0' x",
    ])
    func `memory does not grow with a log`(script: String) async throws {
        let fixture = try await RunnerFixture.oneStage(script, mark: "x")
        let (end, peak) = try await Self.runMeasured(fixture)
        #expect(end.output.hasPrefix("0 "), "\(end.errors)")
        #expect(peak < 60 << 10, "KiB of runner local")
        let result = fixture.stateText("runs/1/result.json") ?? ""
        let supervisor = result.firstRange(of: "\"peakKibibytes\":").flatMap {
            Int(result[$0.upperBound...].prefix { $0.isNumber })
        }
        #expect(supervisor ?? .max < 60 << 10, "KiB of the supervisor")
    }

    @Test(arguments: [
        ("", "truncate -s 200M big"),
        ("* text=auto", "truncate -s 200M big"),
        ("* text=auto", "yes \"$(printf 'a line of text\\r')\" | head -c 200000000 > big"),
    ])
    func `memory does not grow with an untracked file`(attributes: String, script: String) async throws {
        let fixture = try await RunnerFixture.oneStage("wc -c < big; cmp big big", mark: "x")
        try fixture.write(attributes + "\n", to: ".gitattributes")
        let made = try await fixture.execute("/bin/sh", ["-e", "-c", script])
        try #require(made.status == 0, "\(made.errors)")
        let (end, peak) = try await Self.runMeasured(fixture)
        #expect(end.output.hasPrefix("0 "), "\(end.errors)")
        #expect(peak < 100 << 10, "KiB of runner local")
    }

    /// A `runner local`, of which the exit status is printed, and its largest resident size in KiB.
    private static func runMeasured(_ fixture: RunnerFixture) async throws -> (RunnerFixture.End, Int) {
        let measure =
            "import resource, subprocess; print(subprocess.run(['\(RunnerFixture.program)', 'local', '-C', "
            + "'\(fixture.repository)'], stdout=subprocess.DEVNULL).returncode, "
            + "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        let end = try await fixture.execute("/usr/bin/python3", ["-c", measure])
        let numbers = end.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return (end, numbers.last ?? .max)
    }
}
