import RunnerCore
import RunnerEngine
import Testing

@Suite(.timeLimit(.minutes(2)))
struct NetworkListingTests {
    @Test(arguments: [
        (RepositoryDefinition.Transport.auto, GitTransport.libgit2), (.libgit2, .libgit2), (.git, .git),
    ])
    func `branches, tags and the default branch come by git's protocol`(
        wish: RepositoryDefinition.Transport,
        speaker: GitTransport
    ) async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.gitDaemon(root: fixture.directory)
        let url = "git://127.0.0.1:\(server.port)/remote.git"
        let answer = try await NetworkFixture.pool().list(RepositoryDefinition(name: "web", url: url, transport: wish))
        #expect(answer.refs == fixture.refs)
        #expect(answer.defaultBranch == "refs/heads/main")
        #expect(answer.transport == speaker)
    }

    @Test(arguments: [RepositoryDefinition.Transport.auto, .git], [nil, "ada:s3cret"])
    func `a remote is listed over http`(wish: RepositoryDefinition.Transport, secret: String?) async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.http(root: fixture.directory, secret: secret)
        let token = try fixture.write("s3cret\n", to: "token")
        let repository = RepositoryDefinition(
            name: "web",
            url: "http://127.0.0.1:\(server.port)/remote.git",
            transport: wish,
            credentials: secret == nil ? .init() : .init(user: "ada", tokenFile: token)
        )
        let answer = try await NetworkFixture.pool().list(repository)
        #expect(answer.refs == fixture.refs)
        #expect(answer.transport == (wish == .git ? .git : .libgit2))
    }

    @Test(arguments: [RepositoryDefinition.Transport.auto, .git])
    func `a wrong token is refused and never shown`(wish: RepositoryDefinition.Transport) async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.http(root: fixture.directory, secret: "ada:s3cret")
        let repository = RepositoryDefinition(
            name: "web",
            url: "http://127.0.0.1:\(server.port)/remote.git",
            transport: wish,
            credentials: .init(user: "ada", tokenFile: try fixture.write("wr0ng", to: "token"))
        )
        let error = try await #require(throws: RunnerError.self) { try await NetworkFixture.pool().list(repository) }
        #expect(error.what == "cannot list the refs of `web`")
        #expect(error.why != nil)
        #expect(!"\(error)".contains("wr0ng"))
    }

    @Test func `a silent host is given up in time, and keeps nobody else`() async throws {
        let fixture = try NetworkFixture()
        let server = try LoopbackServer.gitDaemon(root: fixture.directory)
        let silent = try SilentServer()
        var limits = GitHelperPool.Limits()
        limits.list = .seconds(3)
        limits.processes = 2
        let pool = NetworkFixture.pool(limits)
        let dead = RepositoryDefinition(name: "dead", url: "git://127.0.0.1:\(silent.port)/remote.git")
        async let late: RunnerError? = {
            do {
                _ = try await pool.list(dead)
                return nil
            } catch {
                return error as? RunnerError
            }
        }()
        let alive = RepositoryDefinition(name: "web", url: "git://127.0.0.1:\(server.port)/remote.git")
        for _ in 0..<3 { #expect(try await pool.list(alive).refs == fixture.refs) }
        let error = try #require(await late)
        #expect(error.why?.contains("within 3 s") == true)
        #expect(await pool.idleProcesses.count == 1)
    }
}
