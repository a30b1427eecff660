import CLinux
import Foundation
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// A bare repository that a real daemon watches, and a clone to push from. What the daemon has written is read from its
/// database and files, as another process may.
final class ServedRepository: Sendable {
    let fixture: RunnerFixture
    var bare: FilePath { fixture.directory.appending("web.git") }
    var log: FilePath { fixture.directory.appending("serve.log") }
    var configuration: FilePath { fixture.directory.appending("runner.yml") }
    var state: StateDirectory { StateDirectory(fixture.state) }

    /// A repository with one commit of these files, pushed before anybody watches.
    init(_ files: [String: String], settings: String = "") async throws {
        fixture = try await RunnerFixture(files)
        try await fixture.git("init", "--quiet", "--bare", "--initial-branch=main", bare.string)
        try await fixture.git("remote", "add", "origin", bare.string)
        try await fixture.git("push", "--quiet", "origin", "main")
        let text = "repositories:\n  web: { url: \(bare) }\n\(settings)"
        try text.write(toFile: configuration.string, atomically: false, encoding: .utf8)
    }

    /// A pipeline `ci` for every branch with these lines of `stages`.
    convenience init(stages: String, trigger: String = #"{ branches: ["**"] }"#, settings: String = "") async throws {
        let text = "name: ci\non: \(trigger)\nstages:\n\(stages)"
        try await self.init(["pipelines/ci.yml": text], settings: settings)
    }

    /// Starts a daemon and waits until it watches.
    func serve(_ arguments: String...) async throws -> ServingDaemon {
        let daemon = try ServingDaemon(self, arguments)
        try await Await.until("the daemon to serve", within: 30) { daemon.hasSaid("serving") || !daemon.isAlive }
        return daemon
    }

    /// One more commit on a branch, pushed.
    @discardableResult
    func push(_ message: String = "Change", to branch: String = "main") async throws -> String {
        try await fixture.commit(message)
        try await fixture.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/\(branch)")
        return try await fixture.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func database() throws -> RunnerDatabase { try RunnerDatabase(at: state.database) }

    /// Waits until a run has ended.
    func end(of number: Int, within seconds: Int = 30) async throws -> RunRow {
        let database = try database()
        defer { try? database.close() }
        let run = try Self.number(number)
        let limit = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < limit {
            if let row = try await database.run(run), row.status.isFinished { return row }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw RunnerFixture.Failure(description: "run \(number) did not end in \(seconds) s:\n\(said)")
    }

    /// Waits until something holds of all runs, the oldest first.
    func runs(_ what: String, within seconds: Int = 30, _ holds: ([RunRow]) -> Bool) async throws -> [RunRow] {
        let database = try database()
        defer { try? database.close() }
        let limit = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < limit {
            let rows = Array(try await database.runs(RunFilter(limit: 1000)).reversed())
            if holds(rows) { return rows }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw RunnerFixture.Failure(description: "\(what): not within \(seconds) s:\n\(said)")
    }

    func directory(_ number: Int) throws -> RunDirectory {
        RunDirectory(state.runs.appending("\(number)"), number: try Self.number(number))
    }

    /// What a stage's first step has printed so far.
    func output(of stage: String, run number: Int) throws -> String {
        let folder = try directory(number).stage(StageID(stage)).path
        let name = FileSystem.names(in: folder).sorted().first { $0.hasPrefix("01-") && $0.hasSuffix(".log") }
        guard let name, let data = try FileSystem.read(folder.appending(name)) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// What the daemons have logged.
    var said: String { (try? String(contentsOfFile: log.string, encoding: .utf8)) ?? "" }

    static func number(_ value: Int) throws -> RunNumber {
        guard let number = RunNumber(value) else { throw RunnerFixture.Failure(description: "\(value) is no run") }
        return number
    }
}

/// A running `runner serve`. Killed with its supervisors' help only: they go on unless `endAll` was called.
final class ServingDaemon: Sendable {
    let pid: Int32
    private let pidfd: Int32
    private let log: FilePath
    private let start: Int

    init(_ served: ServedRepository, _ arguments: [String]) throws {
        log = served.log
        let output = open(log.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer { close(output) }
        start = served.said.utf8.count
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let program = RunnerFixture.program.string
        let command = [
            program, "serve", "--config", served.configuration.string, "--state", served.fixture.state.string,
        ]
        let argv = (command + arguments).map { strdup($0) } + [nil]
        let envp = served.fixture.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        pid = runner_spawn(program, argv, envp, served.fixture.directory.string, null, output, output)
        guard pid > 0 else { throw RunnerFixture.Failure(description: "cannot start the daemon: errno \(-pid)") }
        pidfd = runner_pidfd_open(pid)
    }

    deinit {
        if isAlive { end(SIGKILL) }
        close(pidfd)
    }

    var isAlive: Bool {
        var polled = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) == 0
    }

    /// Whether this daemon has logged a text.
    func hasSaid(_ text: String) -> Bool {
        guard let all = try? Data(contentsOf: URL(fileURLWithPath: log.string)) else { return false }
        return String(decoding: all.dropFirst(start), as: UTF8.self).contains(text)
    }

    /// Sends a signal and waits for the end: a shell's exit status.
    @discardableResult
    func end(_ signal: Int32 = SIGTERM) -> Int32 {
        Glibc.kill(pid, signal)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7f
        return code == 0 ? (status >> 8) & 0xff : 128 + code
    }
}
