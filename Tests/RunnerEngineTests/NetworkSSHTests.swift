import FoundationEssentials
import Git
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(2)))
struct NetworkSSHTests {
    @Test(arguments: [
        (RepositoryDefinition.Transport.auto, GitTransport.git), (.libgit2, .libgit2),
    ])
    func `a remote is listed and fetched over ssh`(
        wish: RepositoryDefinition.Transport,
        speaker: GitTransport
    ) async throws {
        let fixture = try NetworkFixture()
        let ssh = try SSHServer(fixture)
        let pool = NetworkFixture.pool()
        let repository = try ssh.definition(wish, knownHosts: "\(ssh.place) \(ssh.hostKey)\n")
        let answer = try await pool.list(repository)
        #expect(answer.refs == fixture.refs)
        #expect(answer.transport == speaker)
        _ = try await pool.fetch(repository, into: fixture.mirror, refspecs: ["+refs/*:refs/*"], isInitial: true)
        let main = try fixture.shell("git --git-dir=mirror.git rev-parse main")
        #expect(main == fixture.refs.refs["refs/heads/main"]?.commit.description)
    }

    @Test(arguments: [RepositoryDefinition.Transport.libgit2, .git])
    func `a host is believed by a name in the clear, a hash or a pattern`(
        wish: RepositoryDefinition.Transport
    ) async throws {
        let fixture = try NetworkFixture()
        let ssh = try SSHServer(fixture)
        let plain = try fixture.write("\(ssh.place) \(ssh.hostKey)\n", to: "hashed")
        try fixture.shell("ssh-keygen -q -H -f \(plain)")
        let hashed = String(decoding: try FileSystem.read(FilePath(plain)) ?? Data(), as: UTF8.self)
        #expect(hashed.hasPrefix("|1|"))
        let pool = NetworkFixture.pool()
        for text in [hashed, "# known\n[127.*]:* \(ssh.hostKey) a comment\n"] {
            #expect(try await pool.list(ssh.definition(wish, knownHosts: text)).refs == fixture.refs)
        }
    }

    @Test(arguments: [RepositoryDefinition.Transport.libgit2, .git])
    func `an unknown, changed or revoked host key is refused`(wish: RepositoryDefinition.Transport) async throws {
        let fixture = try NetworkFixture()
        let ssh = try SSHServer(fixture)
        let other = try fixture.shell("cut -d' ' -f1,2 other.pub")
        let line = "\(ssh.place) \(ssh.hostKey)\n"
        let pool = NetworkFixture.pool()
        for text in [
            "", "\(ssh.place) \(other)\n", line + "@revoked * \(ssh.hostKey)\n",
            "![127.0.0.1]:*,!127.0.0.1,* \(ssh.hostKey)",
        ] {
            let repository = try ssh.definition(wish, knownHosts: text)
            let error = try await #require(throws: RunnerError.self) { try await pool.list(repository) }
            #expect(error.why?.contains("127.0.0.1") == true, "\(error)")
        }
    }

    @Test func `a refused host key is named with its fingerprint and what to do`() async throws {
        let fixture = try NetworkFixture()
        let ssh = try SSHServer(fixture)
        let fingerprint = try fixture.shell("ssh-keygen -l -f host.pub | cut -d' ' -f2")
        let repository = try ssh.definition(.libgit2, knownHosts: "")
        let error = try await #require(throws: RunnerError.self) { try await NetworkFixture.pool().list(repository) }
        #expect(error.why?.contains(ssh.place) == true)
        #expect(error.why?.contains("ssh-ed25519 \(fingerprint)") == true)
        #expect(error.hint?.contains("ssh-keyscan -p \(ssh.server.port) 127.0.0.1") == true)
    }
}
