import CLinux
import Dispatch
import FoundationEssentials
import Glibc
import SystemPackage

/// A repository of its own and the real `runner` beside it: everything below one temporary directory, which goes with
/// the fixture.
final class RunnerFixture: Sendable {
    /// How a program ended and what it printed.
    struct End: Sendable {
        /// As a shell says it: 128 and the signal's number for a killed program.
        let status: Int32
        let output: String
        let errors: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: FilePath
    /// The working directory of a git repository on branch `main`.
    var repository: FilePath { directory.appending("repository") }
    var state: FilePath { directory.appending("state") }
    var home: FilePath { directory.appending("home") }

    /// An empty repository, then one commit of the files given, by path.
    init(_ files: [String: String] = [:]) async throws {
        var template = Array("/tmp/runner-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "mkdtemp: errno \(errno)") }
        directory = FilePath(platformString: template)
        for path in [repository, state, home] { mkdir(path.string, 0o700) }
        try await git("init", "--quiet", "--initial-branch=main")
        for (path, text) in files { try write(text, to: path) }
        try await commit("Begin")
    }

    deinit {
        // Scratch directories of overlays are unreadable even for their owner.
        let script = "chmod -R u+rwX \"$0\" 2>/dev/null; rm -rf \"$0\""
        _ = try? Self.start("/bin/sh", ["-c", script, directory.string], [:], in: "/", files: directory, seconds: 20)
    }

    /// Writes a file of the working directory; folders are made.
    func write(_ text: String, to path: String) throws {
        let file = repository.pushing(FilePath(path))
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        try text.write(toFile: file.string, atomically: false, encoding: .utf8)
    }

    /// Everything as it stands; an empty commit where nothing changed.
    func commit(_ message: String) async throws {
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
    }

    /// Throws where git refuses; returns what it printed.
    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let end = try await execute("/usr/bin/git", arguments)
        guard end.status == 0 else { throw Failure(description: "git \(arguments): \(end.errors)") }
        return end.output
    }

    /// Runs `runner` in the repository, or below it, with a state directory of the fixture's own.
    func run(
        _ arguments: String...,
        environment: [String: String] = [:],
        in folder: String = ".",
        seconds: Int = 60
    ) async throws -> End {
        try await execute(Self.program.string, arguments, environment, in: folder, seconds: seconds)
    }

    /// Runs any program as `run` does; killed with all that it started when it takes longer.
    func execute(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String] = [:],
        in folder: String = ".",
        seconds: Int = 60
    ) async throws -> End {
        let variables = self.environment.merging(environment) { _, given in given }
        let folder = repository.pushing(FilePath(folder)).string
        let directory = directory
        return try await withCheckedThrowingContinuation { continuation in
            // Waiting blocks: not on a thread of the test's own pool.
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        try Self.start(program, arguments, variables, in: folder, files: directory, seconds: seconds)
                    }
                )
            }
        }
    }

    /// What `run` gives every program.
    var environment: [String: String] {
        [
            "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin", "HOME": home.string,
            "LANG": "C.UTF-8", "RUNNER_STATE": state.string, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        ]
    }

    /// The binary that was built beside this test.
    static let program: FilePath = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        let own = length > 0 ? FilePath(platformString: buffer).removingLastComponent().appending("runner") : ""
        if access(own.string, X_OK) == 0 { return own }
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        return root.removingLastComponent().pushing(".build/debug/runner")
    }()

    private static func start(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String],
        in folder: String,
        files: FilePath,
        seconds: Int
    ) throws -> End {
        let (output, errors) = (try Capture(), try Capture())
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let argv = ([program] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let pid = runner_spawn(program, argv, envp, folder, null, output.fd, errors.fd)
        guard pid > 0 else { throw Failure(description: "cannot start \(program): errno \(-pid)") }
        let pidfd = runner_pidfd_open(pid)
        defer { close(pidfd) }
        var waited = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        let isLate = poll(&waited, 1, Int32(seconds) * 1000) == 0
        if isLate { kill(-pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard !isLate else {
            let said = output.text() + errors.text()
            throw Failure(description: "\(program) \(arguments) took longer than \(seconds) s: \(said)")
        }
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return End(status: code, output: output.text(), errors: errors.text())
    }
}

/// A file without a name that takes what a program prints: it never blocks, however much that is.
private final class Capture {
    let fd: Int32

    init() throws {
        var name = Array("/tmp/runner-test-XXXXXX".utf8CString)
        fd = mkstemp(&name)
        guard fd >= 0 else { throw RunnerFixture.Failure(description: "mkstemp: errno \(errno)") }
        unlink(name)
    }

    deinit { close(fd) }

    func text() -> String {
        let size = Int(lseek(fd, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(fd, &bytes, size, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
