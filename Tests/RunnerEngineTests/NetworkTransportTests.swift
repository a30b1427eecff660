import Git
import Glibc
import RunnerCore
import RunnerEngine
import Testing

@Suite(.timeLimit(.minutes(2)))
struct NetworkTransportTests {
    @Test(arguments: [
        ("https://example.com/a.git", RepositoryDefinition.Transport.auto, GitTransport.libgit2, true),
        ("http://example.com/a.git", .auto, .libgit2, true),
        ("git://example.com/a.git", .auto, .libgit2, true),
        ("ssh://git@example.com/a.git", .auto, .git, false),
        ("git@example.com:a.git", .auto, .git, false),
        ("git@example.com:a.git", .libgit2, .libgit2, false),
        ("https://example.com/a.git", .libgit2, .libgit2, false),
        ("https://example.com/a.git", .git, .git, false),
    ])
    func `the url and the repository's wish decide who speaks`(
        url: String,
        wish: RepositoryDefinition.Transport,
        speaker: GitTransport,
        mayHandOn: Bool
    ) throws {
        let choice = GitTransport.choice(for: wish, try RepositoryURL(url).kind)
        #expect(choice.transport == speaker)
        #expect(choice.mayHandOn == mayHandOn)
        #expect(!choice.because.isEmpty)
    }

    @Test(arguments: [
        (GitError.Code.tooManyObjects, true), (.unsupported, true), (.notTrusted, false), (.authentication, false),
    ])
    func `git never tries where the remote or we are not believed`(code: GitError.Code, isHandedOn: Bool) {
        #expect((GitTransport.handingOn(after: GitError(code, "fetch", "no")) != nil) == isHandedOn)
    }

    @Test func `a remote with another object format is named as such`() async throws {
        let fixture = try NetworkFixture()
        try fixture.shell(
            """
            git init -q --bare --object-format=sha256 new.git; git init -q --object-format=sha256 other; cd other
            git commit -q --allow-empty -m one; git push -q ../new.git HEAD:refs/heads/main
            """
        )
        let server = try LoopbackServer.gitDaemon(root: fixture.directory)
        let repository = RepositoryDefinition(name: "new", url: "git://127.0.0.1:\(server.port)/new.git")
        let error = try await #require(throws: RunnerError.self) { try await NetworkFixture.pool().list(repository) }
        #expect(error.why?.contains("object format") == true, "\(error)")
    }

    @Test(arguments: [RepositoryDefinition.Transport.libgit2, .git])
    func `a ref whose name is not UTF-8 is left out`(wish: RepositoryDefinition.Transport) async throws {
        let fixture = try NetworkFixture()
        try fixture.shell("git --git-dir=remote.git update-ref \"refs/heads/$(printf 'a\\377b')\" main")
        let server = try LoopbackServer.gitDaemon(root: fixture.directory)
        let url = "git://127.0.0.1:\(server.port)/remote.git"
        let answer = try await NetworkFixture.pool().list(RepositoryDefinition(name: "web", url: url, transport: wish))
        #expect(answer.refs == fixture.refs)
    }

    @Test func `a helper is used again, replaced when it was killed, and ended when idle`() async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.gitDaemon(root: fixture.directory)
        let repository = RepositoryDefinition(name: "web", url: "git://127.0.0.1:\(server.port)/remote.git")
        var limits = GitHelperPool.Limits()
        limits.idle = .seconds(2)
        let pool = NetworkFixture.pool(limits)
        _ = try await pool.list(repository)
        let first = try #require(await pool.idleProcesses.first)
        _ = try await pool.list(repository)
        #expect(await pool.idleProcesses == [first])
        kill(first, SIGKILL)
        #expect(try await pool.list(repository).refs == fixture.refs)
        let second = try #require(await pool.idleProcesses.first)
        #expect(second != first)
        // Reaped by the pool: then there is no such process at all.
        let end = ContinuousClock.now + .seconds(20)
        while kill(second, 0) == 0, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
        #expect(kill(second, 0) != 0, "the idle helper was not ended within 20 s")
    }

    @Test func `a canceled call ends its helper at once`() async throws {
        let silent = try SilentServer()
        let repository = RepositoryDefinition(name: "dead", url: "git://127.0.0.1:\(silent.port)/remote.git")
        var limits = GitHelperPool.Limits()
        limits.processes = 1
        let pool = NetworkFixture.pool(limits)
        let began = ContinuousClock.now
        // The second one waits for its turn.
        let calls = (0..<2).map { _ in Task { try await pool.list(repository) } }
        #expect(await silent.hasCaller(), "nobody called within 15 s")
        for call in calls { call.cancel() }
        for call in calls {
            let result = await call.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
        #expect(ContinuousClock.now - began < .seconds(18))
    }
}
