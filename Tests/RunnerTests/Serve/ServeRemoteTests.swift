import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// A repository on another machine, as far as the daemon can tell: a real `git daemon` on loopback.
@Suite(.serialized) struct ServeRemoteTests {
    @Test func `a push to a remote is found by looking, fetched and run`() async throws {
        let remote = try await RemoteRepository()
        let daemon = try await remote.served.serve()
        try await Await.until("the first look", within: 20) { daemon.hasSaid("at the first sight of web") }
        let commit = try await remote.served.push()
        let run = try await remote.served.end(of: 1)
        #expect(run.outcome == .succeeded)
        #expect(try remote.served.output(of: "go", run: 1) == "\(commit)\n")
        try await remote.served.push("Rewritten", to: "main")
        #expect(try await remote.served.end(of: 2).outcome == .succeeded)
        daemon.end()
    }

    @Test func `a damaged mirror is made anew, and the next push runs`() async throws {
        let remote = try await RemoteRepository()
        let first = try await remote.served.serve()
        try await Await.until("the first look", within: 20) { first.hasSaid("at the first sight of web") }
        first.end()
        let packs = remote.served.state.repositories.pushing("web.git/objects/pack")
        let objects = remote.served.state.repositories.pushing("web.git/objects")
        var damaged = 0
        for folder in FileSystem.names(in: objects).map({ objects.appending($0) }) + [packs] {
            for name in FileSystem.names(in: folder) where folder != packs || name.hasSuffix(".pack") {
                let file = folder.appending(name)
                guard FileFacts(file)?.kind == .file else { continue }
                chmod(file.string, 0o644)
                truncate(file.string, 20)
                damaged += 1
            }
        }
        #expect(damaged > 0)
        let second = try await remote.served.serve()
        try await Await.until("the new mirror", within: 20) { second.hasSaid("a mirror was made anew") }
        try await remote.served.push()
        #expect(try await remote.served.end(of: 1).outcome == .succeeded)
        second.end()
    }

    @Test func `a remote that is not there is told, and others go on`() async throws {
        let remote = try await RemoteRepository(
            others: "  gone: { url: \"git://127.0.0.1:9/gone.git\", poll: 1s }\n"
        )
        let daemon = try await remote.served.serve()
        try await Await.until("the problem", within: 20) { daemon.hasSaid("repository=gone") }
        try await Await.until("the first look", within: 20) { daemon.hasSaid("at the first sight of web") }
        try await remote.served.push()
        #expect(try await remote.served.end(of: 1).outcome == .succeeded)
        daemon.end()
    }
}

/// The bare repository of a fixture behind `git daemon`.
private final class RemoteRepository: Sendable {
    let served: ServedRepository
    private let server: Process

    init(others: String = "") async throws {
        served = try await ServedRepository(stages: "  go: { run: echo $RUNNER_COMMIT }\n")
        let port = UInt16.random(in: 20_000..<32_000)
        server = try Process(
            "git",
            "daemon",
            "--reuseaddr",
            "--listen=127.0.0.1",
            "--port=\(port)",
            "--export-all",
            "--base-path=\(served.fixture.directory)"
        )
        let text = "repositories:\n  web: { url: \"git://127.0.0.1:\(port)/web.git\", poll: 1s }\n\(others)"
        try text.write(toFile: served.configuration.string, atomically: false, encoding: .utf8)
        let url = "git://127.0.0.1:\(port)/web.git"
        for _ in 0..<100 {
            if try await served.fixture.execute("/usr/bin/git", ["ls-remote", url]).status == 0 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw RunnerFixture.Failure(description: "git daemon does not answer at \(url)")
    }

    /// A program of the test's, ended with it.
    private final class Process: Sendable {
        let pid: Int32

        init(_ program: String, _ arguments: String...) throws {
            let command = ["/usr/bin/\(program)"] + arguments
            var argv = command.map { strdup($0) } + [nil]
            defer { for pointer in argv { free(pointer) } }
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            // A group of its own: `git daemon` has children.
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
            defer { posix_spawnattr_destroy(&attributes) }
            var started: pid_t = 0
            let code = posix_spawn(&started, command[0], nil, &attributes, &argv, environ)
            guard code == 0 else { throw RunnerFixture.Failure(description: "cannot start \(program): \(code)") }
            pid = started
        }

        deinit {
            kill(-pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }
}
