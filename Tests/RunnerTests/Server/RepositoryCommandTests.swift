import FoundationEssentials
import RunnerAPI
import SystemPackage
import Testing

/// `runner repository` against a real daemon.
struct RepositoryCommandTests {
    @Test func `what is added is listed and shown`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        let list = try await daemon.run("repository", "list").output
        #expect(list.hasPrefix("NAME  STATUS  LOOKED AT") && list.contains("web   ok"), "\(list)")
        let shown = try await daemon.run("repository", "show", "web").output
        #expect(shown.hasPrefix("web\n") && shown.contains(daemon.bare.string))
        let document = try await daemon.document(RepositoryView.self, "repository", "show", "web")
        #expect(document.origin == "added" && document.url == daemon.bare.string && document.isSeen)
    }

    @Test func `options reach the daemon, and paths are seen from here`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        let document = try await daemon.document(
            RepositoryView.self,
            "repository",
            "add",
            "other",
            "../web.git",
            "--poll",
            "2m",
            "--moved-tags",
            "run",
            "--first-run"
        )
        #expect(document.url == daemon.bare.string && document.poll == 120)
        #expect(document.movedTags && document.firstRun)
    }

    @Test func `what is removed is listed no more, and its runs stay`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        try await daemon.run("run", "ci", "--watch")
        try await daemon.run("repository", "remove", "web")
        let left = try await daemon.document(Page<RepositoryView>.self, "repository", "list")
        #expect(left.items.isEmpty)
        #expect(try await daemon.run("list").output.contains("succeeded"))
        let again = try await daemon.run("repository", "remove", "web", status: 2)
        #expect(again.errors.hasPrefix("error: there is no repository `web`"), "\(again.errors)")
    }

    @Test func `fetch looks at once`() async throws {
        let daemon = try await DaemonFixture(stages: "  a: { run: echo a }\n")
        #expect(try await daemon.run("repository", "fetch", "web").output.contains("web"))
        try await daemon.run("repository", "fetch", "nope", status: 2)
    }
}
