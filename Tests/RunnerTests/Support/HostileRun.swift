import CLinux
import FoundationEssentials
import Glibc
import SystemPackage

/// A `runner local` that goes on in the background, to be killed and watched.
final class HostileRun: Sendable {
    let fixture: RunnerFixture
    let pid: Int32
    private let pidfd: Int32
    private let errors: FilePath

    /// Starts it in the fixture's repository.
    init(_ fixture: RunnerFixture, _ arguments: String..., environment: [String: String] = [:]) throws {
        self.fixture = fixture
        errors = fixture.directory.appending("errors-\(arguments.joined().hashValue)")
        let log = open(errors.string, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for fd in [log, null] { close(fd) } }
        let argv = ([RunnerFixture.program.string, "local"] + arguments).map { strdup($0) } + [nil]
        let variables = fixture.environment.merging(environment) { _, given in given }
        let envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        pid = runner_spawn(RunnerFixture.program.string, argv, envp, fixture.repository.string, null, log, log)
        guard pid > 0 else { throw RunnerFixture.Failure(description: "cannot start runner: errno \(-pid)") }
        pidfd = runner_pidfd_open(pid)
    }

    deinit {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, WNOHANG)
        close(pidfd)
    }

    /// The supervisor, once there is one.
    func supervisor() async throws -> Int32 {
        try await Await.value("a supervisor") { [pid] in
            Processes.all().first {
                $0.parent == pid && $0.text.contains(" supervise ") && !$0.text.contains("unshare")
            }?.pid
        }
    }

    /// Waits for the end. A shell's exit status, and all that was printed.
    func end(within seconds: Int = 20) async throws -> (status: Int32, text: String) {
        let status = try await Await.value("the end of runner local", within: seconds) { [pid, pidfd] () -> Int32? in
            var polled = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 0) == 1 else { return nil }
            var status: Int32 = 0
            guard waitpid(pid, &status, 0) == pid else { return 255 }
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
        return (status, (try? String(contentsOfFile: errors.string, encoding: .utf8)) ?? "")
    }
}

/// What `/proc` tells of this machine's processes.
enum Processes {
    struct Entry: Sendable {
        let pid: Int32
        let parent: Int32
        /// Command line and environment, zero bytes as blanks.
        let text: String
    }

    static func all() -> [Entry] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = Int32(name), let status = read("/proc/\(name)/stat"), let end = status.lastIndex(of: ")")
            else {
                continue
            }
            let fields = status[end...].split(separator: " ")
            // A zombie is no survivor: it holds nothing and runs nothing.
            guard fields.count > 2, fields[1] != "Z", let parent = Int32(fields[2]) else { continue }
            let text = (read("/proc/\(name)/cmdline") ?? "") + " " + (read("/proc/\(name)/environ") ?? "")
            entries.append(Entry(pid: pid, parent: parent, text: text))
        }
        return entries
    }

    /// Those that carry a text in their arguments or environment.
    static func carrying(_ mark: String) -> [Entry] { all().filter { $0.text.contains(mark) } }

    private static func read(_ path: String) -> String? {
        let fd = open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { return nil }
        defer { close(fd) }
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        let count = Glibc.read(fd, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}

/// Waiting for what will be, with a limit that names it.
enum Await {
    static func value<R>(_ what: String, within seconds: Int = 10, _ look: () -> R?) async throws -> R {
        let limit = ContinuousClock.now + .seconds(seconds)
        while true {
            if let value = look() { return value }
            guard ContinuousClock.now < limit else {
                throw RunnerFixture.Failure(description: "waited \(seconds) s for \(what)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    static func until(_ what: String, within seconds: Int = 10, _ look: () -> Bool) async throws {
        try await value(what, within: seconds) { look() ? () : nil }
    }
}

extension RunnerFixture {
    /// A text that no other process on the machine carries.
    static func mark() -> String { "mark-\(UInt64.random(in: .min ... .max))" }

    /// A fixture whose only stage runs a script, `MARK` of which is the given mark in every step's environment.
    static func oneStage(_ script: String, mark: String, keys: String = "") async throws -> RunnerFixture {
        let lines = script.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
        let stage = "  work:\n    env: { MARK: \(mark) }\n    grace: 1s\n" + keys + "    run: |\n\(lines)\n"
        return try await RunnerFixture([
            "pipelines/ci.yml": "name: ci\non: { branches: [\"**\"] }\nstages:\n\(stage)"
        ])
    }

    /// The text of a file below the state directory, `nil` where there is none.
    func stateText(_ path: String) -> String? {
        try? String(contentsOfFile: state.pushing(FilePath(path)).string, encoding: .utf8)
    }
}
