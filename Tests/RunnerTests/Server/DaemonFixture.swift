import CLinux
import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// A real `runner serve` that watches a bare repository, and the real `runner` to ask it with.
///
/// `fixture.repository` is a clone whose `origin` it is. The commands find the daemon as a person's would: by the socket in
/// `$RUNNER_STATE`.
final class DaemonFixture: Sendable {
    let fixture: RunnerFixture
    private let configuration: FilePath
    private let log: FilePath
    private let pid: pid_t
    private let pidfd: Int32

    var bare: FilePath { fixture.directory.appending("web.git") }
    var socket: FilePath { fixture.state.appending("runner.sock") }
    /// For `runner local`, which never works in a daemon's state directory.
    var own: FilePath { fixture.directory.appending("own") }

    /// Serves a repository `web` with one commit of these files. `settings` are more lines of the server's file.
    init(_ files: [String: String] = [:], settings: String = "") async throws {
        fixture = try await RunnerFixture(files)
        let bare = fixture.directory.appending("web.git")
        try await fixture.git("init", "--quiet", "--bare", "--initial-branch=main", bare.string)
        try await fixture.git("remote", "add", "origin", bare.string)
        try await fixture.git("push", "--quiet", "origin", "main")
        configuration = fixture.directory.appending("runner.yml")
        try "slots: 4\n\(settings)".write(toFile: configuration.string, atomically: false, encoding: .utf8)
        log = fixture.directory.appending("serve.log")
        pid = try Self.serve(fixture, configuration, log)
        pidfd = runner_pidfd_open(pid)
        try await Await.eventually("the daemon to answer", within: 60) { [self] in try await isAnswering() ? () : nil }
        _ = try await run("repository", "add", "web", bare.string)
    }

    /// A pipeline `ci` for every branch, with these lines of `stages`.
    convenience init(stages: String, settings: String = "") async throws {
        let text = "name: ci\non: { branches: [\"**\"], manual: {} }\nstages:\n\(stages)"
        try await self.init(["pipelines/ci.yml": text], settings: settings)
    }

    deinit {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        close(pidfd)
        // What a run's supervisor does not take any more needs no telling.
        for run in runs where !FileSystem.exists(run.result) { try? Inbox(run.inbox).send(.kill) }
    }

    /// Runs `runner`; it is expected to end so.
    @discardableResult
    func run(_ arguments: String..., status: Int32 = 0) async throws -> RunnerFixture.End {
        let end = try await fixture.execute(RunnerFixture.program.string, arguments)
        guard end.status == status else {
            let said = "\(end.output)\(end.errors)\n\(logged)"
            throw RunnerFixture.Failure(description: "runner \(arguments) ended with \(end.status): \(said)")
        }
        return end
    }

    /// The document that a command prints with `--json`.
    func document<T: Decodable>(_ type: T.Type, _ arguments: String..., status: Int32 = 0) async throws -> T {
        let end = try await fixture.execute(RunnerFixture.program.string, arguments + ["--json"])
        guard end.status == status else {
            throw RunnerFixture.Failure(description: "runner \(arguments) ended with \(end.status): \(end.errors)")
        }
        return try APIJSON.decode(type, from: Data(end.output.utf8))
    }

    /// One more commit on a branch, and the number of the run that it leads to.
    func push(_ message: String = "Change", to branch: String = "main") async throws -> Int {
        try await fixture.commit(message)
        return try await push(ref: "refs/heads/\(branch)")
    }

    /// A tag on the last commit, and the number of the run that it leads to.
    func pushTag(_ name: String) async throws -> Int { try await push(ref: "refs/tags/\(name)") }

    private func push(ref: String) async throws -> Int {
        let before = try await newest()
        try await fixture.git("push", "--quiet", "--force", "origin", "HEAD:\(ref)")
        try await run("repository", "fetch", "web")
        return try await Await.eventually("a run of \(ref)") { [self] in
            let now = try await newest()
            return now > before ? now : nil
        }
    }

    /// Starts the pipeline `ci` by hand; its number.
    func start(_ arguments: String...) async throws -> Int {
        let end = try await fixture.execute(RunnerFixture.program.string, ["run", "ci", "--json"] + arguments)
        return try APIJSON.decode(RunCreated.self, from: Data(end.output.utf8)).number
    }

    func detail(_ run: Int) async throws -> RunDetail { try await document(RunDetail.self, "show", "\(run)") }

    /// Waits until the run is as far as this.
    func wait(for run: Int, to hold: @escaping @Sendable (RunDetail) -> Bool) async throws {
        try await Await.eventually("run \(run)", within: 60) { [self] in hold(try await detail(run)) ? () : nil }
    }

    /// What the daemon has logged.
    var logged: String { (try? String(contentsOfFile: log.string, encoding: .utf8)) ?? "" }

    private var runs: [RunDirectory] {
        let state = StateDirectory(fixture.state)
        return FileSystem.names(in: state.runs).compactMap { Int($0) }.compactMap { RunNumber($0) }.map {
            RunDirectory(state.runs.appending($0.description), number: $0)
        }
    }

    private func newest() async throws -> Int {
        try await document(Page<RunSummary>.self, "list", "--limit", "1").items.first?.number ?? 0
    }

    private func isAnswering() async throws -> Bool {
        var polled = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 0) == 0 else {
            throw RunnerFixture.Failure(description: "the daemon ended: \(logged)")
        }
        guard FileSystem.exists(socket) else { return false }
        return try await fixture.run("status").status == 0
    }

    private static func serve(_ fixture: RunnerFixture, _ configuration: FilePath, _ log: FilePath) throws -> pid_t {
        let output = open(log.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer { close(output) }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let program = RunnerFixture.program.string
        let command: [String] = [program, "serve", "--config", configuration.string]
        let argv = command.map { strdup($0) } + [nil]
        let envp = fixture.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let pid = runner_spawn(program, argv, envp, fixture.directory.string, null, output, output)
        guard pid > 0 else { throw RunnerFixture.Failure(description: "cannot start the daemon: errno \(-pid)") }
        return pid
    }
}

extension Await {
    /// As `value`, for what has to be asked.
    static func eventually<R: Sendable>(
        _ what: String,
        within seconds: Int = 20,
        _ look: @Sendable () async throws -> R?
    ) async throws -> R {
        let limit = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < limit {
            if let value = try await look() { return value }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw RunnerFixture.Failure(description: "waited \(seconds) s for \(what)")
    }
}
