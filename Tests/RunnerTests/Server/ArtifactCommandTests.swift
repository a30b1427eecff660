import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// `runner artifact` on real runs.
struct ArtifactCommandTests {
    private static let pipeline = """
        on: { branches: ["**"], manual: {} }
        stages:
          build:
            env: { TOKEN: hush }
            run: |
              mkdir -p dist/deep
              printf 'one\\n' > dist/app; chmod +x dist/app
              printf 'two\\n' > dist/deep/data; ln -s deep/data dist/link
              n="$(printf 'x%.0s' $(seq 1 120))"; echo long > "dist/$n"
            artifacts: { app: ["dist/**"] }
        """

    /// A fixture with run 1, which made `app`.
    private func made() async throws -> RunnerFixture {
        let fixture = try await RunnerFixture(["pipelines/ci.yml": Self.pipeline])
        try #require(try await fixture.run("local", "--quiet").status == 0)
        return fixture
    }

    @Test func `an artifact of a local run is listed, got and as signed`() async throws {
        let fixture = try await made()
        let list = try await fixture.run("artifact", "list", "1", "--local")
        #expect(list.output.contains("app") && list.output.contains("build") && list.output.contains(" signed"))
        let end = try await fixture.run("artifact", "get", "1", "app", "--local", "--output", "out/app")
        #expect(end.status == 0, "\(end.errors)")
        let out = fixture.repository.pushing("out/app/dist")
        #expect(try String(contentsOfFile: out.appending("link").string, encoding: .utf8) == "two\n")
        #expect(access(out.appending("app").string, X_OK) == 0)
        #expect(FileSystem.names(in: fixture.repository.appending("out")) == ["app"])
        let verdict = try await fixture.run("artifact", "verify", "1", "app", "--local")
        #expect(verdict.status == 0 && verdict.errors.contains("app: as signed"), "\(verdict.output)")
    }

    @Test func `an archive has the same files`() async throws {
        let fixture = try await made()
        let get = "'\(RunnerFixture.program)' artifact get 1 app --local"
        let script =
            "mkdir a; \(get) --tar - | tar -x -C a; \(get) -o b; diff -r a b; test -x a/dist/app; test -L a/dist/link"
        let end = try await fixture.execute("/bin/sh", ["-e", "-c", script])
        #expect(end.status == 0, "\(end.output)\(end.errors)")
    }

    @Test func `a directory that is not empty is only replaced by force`() async throws {
        let fixture = try await made()
        try fixture.write("mine", to: "app/mine")
        let refused = try await fixture.run("artifact", "get", "1", "app", "--local")
        #expect(refused.status == 2 && refused.errors.contains("it is not empty") && refused.errors.contains("--force"))
        #expect(FileSystem.exists(fixture.repository.pushing("app/mine")))
        #expect(try await fixture.run("artifact", "get", "1", "app", "--local", "--force").status == 0)
        #expect(FileSystem.names(in: fixture.repository.appending("app")) == ["dist"])
    }

    @Test func `a name that the run has not made is wrong input, with those there are`() async throws {
        let fixture = try await made()
        for command in ["get", "verify"] {
            let end = try await fixture.run("artifact", command, "1", "apq", "--local")
            #expect(end.status == 2 && end.errors.contains("did you mean `app`?"), "\(end.errors)")
        }
        #expect(try await fixture.run("artifact", "list", "9", "--local").status == 2)
    }

    @Test(arguments: [
        ("printf 'ONE\\n' > dist/app", "altered: dist/app"), ("rm dist/deep/data", "missing: dist/deep/data"),
        ("echo more > dist/more", "extra: dist/more"), ("chmod -x dist/app", "altered: the files are as signed"),
        ("ln -sf app dist/link", "altered: the files are as signed"),
        ("sed -i 's/\"sig\":\"..../\"sig\":\"AAAA/' ../p", "bad-signature: "),
        ("sed -i 's/\"payload\":\"..../\"payload\":\"eyJB/' ../p", "bad-signature: "),
        ("openssl genpkey -algorithm ed25519 | openssl pkey -pubout > ../k", "unknown-key: "),
        (": > ../p", "no-provenance: "),
    ])
    func `what differs from what was signed has a name`(_ change: String, _ answer: String) async throws {
        let fixture = try await made()
        let runner = "'\(RunnerFixture.program)' artifact"
        let script = """
            \(runner) get 1 app --local --provenance p; \(runner) key --local > k
            \(runner) verify app --provenance p --key k
            cd app; \(change); cd ..
            \(runner) verify app --provenance p --key k
            """
        let end = try await fixture.execute("/bin/bash", ["-e", "-c", script])
        #expect(end.status == 1 && end.output.hasPrefix(answer), "\(end.status): \(end.output)\(end.errors)")
        #expect(end.output.split(separator: "\n").count == 1)
    }

    @Test func `a file that was changed in the store is found, and not given out`() async throws {
        let fixture = try await made()
        let digest = Digest.sha256("two\n").description
        let blob = fixture.state.pushing(FilePath("artifacts/blobs/\(digest.prefix(2))/\(digest)"))
        chmod(blob.string, 0o644)
        try "TWO\n".write(toFile: blob.string, atomically: false, encoding: .utf8)
        let verdict = try await fixture.run("artifact", "verify", "1", "app", "--local")
        #expect(verdict.status == 1 && verdict.output == "altered: dist/deep/data: it was changed\n")
        let get = try await fixture.run("artifact", "get", "1", "app", "--local")
        #expect(get.status == 3 && get.errors.contains("not what it was when the stage made it"), "\(get.errors)")
        #expect(!FileSystem.exists(fixture.repository.appending("app")))
    }

    @Test func `openssl verifies the envelope, and the statement says where it comes from`() async throws {
        let fixture = try await made()
        let script = """
            '\(RunnerFixture.program)' artifact get 1 app --local --provenance p
            '\(RunnerFixture.program)' artifact key --local > k
            sed 's/.*"payload":"\\([^"]*\\)".*/\\1/' p | base64 -d > payload
            sed 's/.*"sig":"\\([^"]*\\)".*/\\1/' p | base64 -d > sig
            { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' $(stat -c %s payload); cat payload; } > pae
            openssl pkeyutl -verify -rawin -pubin -inkey k -in pae -sigfile sig >&2
            grep -q "\\"keyid\\":\\"$(openssl pkey -pubin -in k -outform DER | sha256sum | cut -c1-64)\\"" p
            cat payload
            """
        let end = try await fixture.execute("/bin/bash", ["-e", "-c", script])
        try #require(end.status == 0, "\(end.errors)")
        let tree = try await fixture.git("rev-parse", "HEAD^{tree}").trimmed
        for text in [
            "\"_type\":\"https://in-toto.io/Statement/v1\"", "\"predicateType\":\"https://slsa.dev/provenance/v1\"",
            "\"gitTree\":\"\(tree)\"", "\"name\":\"dist/app\"", "\"sha256\":\"\(Digest.sha256("one\n"))\"",
            "\"environment\":[\"TOKEN\"]", "\"name\":\"/app\"", "\"byproducts\":[{\"digest\"",
        ] { #expect(end.output.contains(text), "lacks \(text): \(end.output)") }
        #expect(!end.output.contains("hush"))
    }

    @Test func `the key is its owner's alone, and what an old one signed is still verified`() async throws {
        let fixture = try await made()
        var status = stat()
        #expect(
            stat(fixture.state.pushing("keys/provenance.key").string, &status) == 0 && status.st_mode & 0o777 == 0o600
        )
        let first = try await fixture.run("artifact", "key", "--local").output
        let rotated = try await fixture.run("artifact", "key", "--local", "--rotate").output
        #expect(rotated.hasSuffix(first) && rotated != first)
        #expect(try await fixture.run("artifact", "verify", "1", "app", "--local").status == 0)
        #expect(try await fixture.run("local", "--quiet").status == 0)
        #expect(try await fixture.run("artifact", "verify", "2", "app", "--local").status == 0)
    }

    @Test func `a daemon gives out the same, and verifies`() async throws {
        let daemon = try await DaemonFixture(["pipelines/ci.yml": Self.pipeline])
        try await daemon.run("run", "ci", "--watch")
        try await daemon.wait(for: 1) { $0.run.outcome == .succeeded }
        try await daemon.run("artifact", "get", "1", "app", "--provenance", "p")
        try await daemon.run("artifact", "verify", "1", "app")
        let key = try await daemon.run("artifact", "key").output
        try daemon.fixture.write(key, to: "k")
        try await daemon.run("artifact", "verify", "app", "--provenance", "p", "--key", "k")
        #expect(
            try await daemon.document(Page<RunArtifactView>.self, "artifact", "list", "1").items.map(\.files) == [4]
        )
        try await daemon.run("artifact", "get", "1", "nope", status: 2)
        try await daemon.run("artifact", "get", "9", "app", status: 2)
    }

    @Test func `a tag takes what a protected branch built of its tree, pushed with it, and nothing of others`()
        async throws
    {
        let files = [
            "pipelines/ci.yml": """
            on: { branches: ["**"] }
            stages: { build: { run: 'sleep 1; echo $RUNNER_REF > app', artifacts: { app: [app] } } }
            """,
            "pipelines/release.yml": """
            on: { tags: ["v*"] }
            stages: { ship: { needs-artifact: { pipeline: ci, name: app }, run: cat "$RUNNER_ARTIFACTS/app/app" } }
            """,
        ]
        let daemon = try await DaemonFixture(files)
        let git = daemon.fixture
        try await git.git("checkout", "--quiet", "-b", "feature/x")
        let first = try await daemon.push("One", to: "feature/x")
        try await daemon.wait(for: first) { $0.run.outcome == .succeeded }
        try await git.git("push", "--quiet", "origin", "HEAD:refs/tags/v1")
        try await daemon.run("repository", "fetch", "web")
        try await daemon.wait(for: first + 1) { $0.run.outcome == .failed }
        let reason = try await daemon.detail(first + 1).stages[0].reason ?? ""
        #expect(
            reason.contains("run \(first) of `refs/heads/feature/x` made it, and that ref is not trusted"),
            "\(reason)"
        )
        try await git.git("push", "--quiet", "--atomic", "origin", "HEAD:refs/tags/v2", "HEAD:refs/heads/develop")
        try await daemon.run("repository", "fetch", "web")
        for run in [first + 2, first + 3] { try await daemon.wait(for: run) { $0.run.outcome == .succeeded } }
        let runs = try await daemon.document(Page<RunSummary>.self, "list").items
        let release = try #require(runs.first { $0.pipeline == "release" && $0.number > first + 1 })
        #expect(try await daemon.run("logs", "\(release.number)", "ship").output.contains("refs/heads/develop"))
    }
}

extension String {
    fileprivate var trimmed: String { split(whereSeparator: \.isWhitespace).joined() }
}
