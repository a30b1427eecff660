import CLinux
import Glibc
import RunnerCore
import RunnerExecution
package import RunnerStore
package import SystemPackage

/// A supervisor as its starter sees it: a process in a session of its own, which goes on when the starter is gone.
package final class SupervisorProcess: Sendable {
    private let child: ChildProcess

    init(_ child: ChildProcess) { self.child = child }

    /// Starts `runner supervise` for a run whose `run.json` is written. Secrets go through its standard input. `program` is
    /// the runner to start, else this very program.
    package convenience init(
        _ directory: RunDirectory,
        state: StateDirectory,
        isolation: Isolation,
        secrets: [String: String],
        program: FilePath? = nil
    ) throws {
        let log = try checked("create", directory.supervisorLog) {
            open(directory.supervisorLog.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        }
        defer { close(log) }
        let launch = SupervisorLaunch(state: state, isolation: isolation, program: program)
        let (child, input) = try launch.start([directory.number.description], output: log)
        defer { close(input) }
        self.init(child)
        try SecretHandover.encode(secrets).withUnsafeBytes { bytes in
            // One that is gone already tells why in its log.
            if !FileSystem.writeAll(bytes, to: input), errno != EPIPE {
                throw SystemFailure("hand secrets to supervisor of", directory.path)
            }
        }
    }

    /// A supervisor that is begun ahead and waits for its run: see `StandbySupervisor`.
    package static func standby(
        state: StateDirectory,
        isolation: Isolation,
        program: FilePath? = nil
    ) throws -> StandbySupervisor {
        try StandbySupervisor(SupervisorLaunch(state: state, isolation: isolation, program: program))
    }

    /// For tests and for people: the process to look at.
    package var pid: Int32 { child.pid }

    /// Ends it and its stages at once; nothing is written down then. For one that cannot be told.
    package func kill() { child.killAll() }

    /// Waits for the end. A shell's exit status.
    package func wait() -> Int32 { child.wait() }
}

/// How supervisors are started, with namespaces of their own where stages are isolated.
struct SupervisorLaunch: Sendable {
    let state: StateDirectory
    let isolation: Isolation
    /// `nil` is this very program.
    let program: FilePath?

    /// The process, and the end of its standard input to write to.
    func start(_ arguments: [String], output: Int32) throws -> (ChildProcess, input: Int32) {
        let own = try program ?? Programs.own()
        let command = ["supervise", "--state", state.path.string] + arguments
        var launch = Launch(executable: own, arguments: command, environment: Self.environment())
        if isolation == .sandbox, let unshare = Programs.find("unshare") {
            launch.executable = unshare
            launch.arguments = Namespaces.arguments + [own.string] + command
        }
        var ends: [Int32] = [-1, -1]
        try checked("make pipe for", own) { runner_pipe(&ends) }
        // Closed before anything is written: a supervisor that has ended must not leave us waiting for a reader.
        defer { close(ends[0]) }
        do {
            return (try ChildProcess(launch, input: ends[0], output: output), ends[1])
        } catch {
            close(ends[1])
            throw error
        }
    }

    /// Only what programs need to be found; the runner's own variables are nobody's business.
    private static func environment() -> [String: String] {
        var environment: [String: String] = ["LC_ALL": "C.UTF-8"]
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment
    }
}
