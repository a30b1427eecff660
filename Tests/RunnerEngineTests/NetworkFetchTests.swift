import RunnerCore
import RunnerEngine
import Testing

@Suite(.timeLimit(.minutes(2)))
struct NetworkFetchTests {
    @Test func `a first fetch is libgit2's, and a large later one is handed to git`() async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.http(root: fixture.directory)
        let url = "http://127.0.0.1:\(server.port)/remote.git"
        let repository = RepositoryDefinition(name: "web", url: url)
        let (pool, refspecs) = (NetworkFixture.pool(), ["+refs/heads/*:refs/heads/*"])
        let first = try await pool.fetch(repository, into: fixture.mirror, refspecs: refspecs, isInitial: true)
        #expect(first.transport == .libgit2)
        // Exactly the refspecs: the tag is not among them.
        #expect(try fixture.shell("git --git-dir=mirror.git for-each-ref | wc -l") == "2")
        try fixture.shell(
            """
            cd work; for i in $(seq 2100); do echo $i > $i; done
            git add .; git commit -q -m many; git push -q ../remote.git main
            """
        )
        let second = try await pool.fetch(repository, into: fixture.mirror, refspecs: refspecs, isInitial: false)
        #expect(second.transport == .git)
        #expect(second.because.contains("more than 2000"))
        let mirrored = try fixture.shell("git --git-dir=mirror.git rev-parse main")
        #expect(try mirrored == fixture.shell("git --git-dir=remote.git rev-parse main"))
    }

    @Test(arguments: [RepositoryDefinition.Transport.libgit2, .git])
    func `refs that the remote no longer has go where that is asked for`(
        wish: RepositoryDefinition.Transport
    ) async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.gitDaemon(root: fixture.directory)
        let url = "git://127.0.0.1:\(server.port)/remote.git"
        let repository = RepositoryDefinition(name: "web", url: url, transport: wish)
        let (pool, refspecs) = (NetworkFixture.pool(), ["+refs/heads/*:refs/heads/*"])
        _ = try await pool.fetch(repository, into: fixture.mirror, refspecs: refspecs, isInitial: true)
        try fixture.shell("git --git-dir=remote.git branch -D side")
        for (prune, count) in [(false, "2"), (true, "1")] {
            _ = try await pool.fetch(
                repository,
                into: fixture.mirror,
                refspecs: refspecs,
                isInitial: false,
                prune: prune
            )
            #expect(try fixture.shell("git --git-dir=mirror.git for-each-ref | wc -l") == count)
        }
    }

    @Test func `a fetch from a silent host is given up, with the helper and what it started`() async throws {
        let fixture = try NetworkFixture()
        let silent = try SilentServer()
        var limits = GitHelperPool.Limits()
        limits.silence = .seconds(2)
        let url = "http://127.0.0.1:\(silent.port)/remote.git"
        let repository = RepositoryDefinition(name: "dead", url: url, transport: .git)
        let pool = NetworkFixture.pool(limits)
        let error = try await #require(throws: RunnerError.self) {
            try await pool.fetch(repository, into: fixture.mirror, refspecs: ["+refs/*:refs/*"], isInitial: true)
        }
        #expect(error.why?.contains("within 2 s") == true)
        #expect(try fixture.shell("pgrep -f '[f]etch.*\(silent.port)/remote' || echo none") == "none")
    }
}
