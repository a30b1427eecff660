import Glibc
import RunnerExecution
package import RunnerStore
import Synchronization
import SystemPackage

/// A supervisor that was started ahead, for one run: what does not need to know the run is done already. It ends by itself
/// with whoever started it, and with this object where that has not given it a run.
///
/// It sees the machine's mounts as they were when it was started; what it hides of the machine it finds anew for its run.
package final class StandbySupervisor: Sendable {
    private let launch: SupervisorLaunch
    private let child: ChildProcess
    /// Its standard input, until it has got its run.
    private let input: Mutex<Int32?>

    init(_ launch: SupervisorLaunch) throws {
        self.launch = launch
        let null = try checked("open", "/dev/null") { open("/dev/null", O_WRONLY | O_CLOEXEC) }
        defer { close(null) }
        let (child, input) = try launch.start(["--standby"], output: null)
        self.child = child
        self.input = Mutex(input)
    }

    deinit { end() }

    /// Gives it its run, whose `run.json` is written and asks for the isolation that it was started with. Where it is gone,
    /// or has got a run already, another supervisor is started.
    package func start(_ run: RunDirectory, secrets: [String: String]) throws -> SupervisorProcess {
        let handed = try SupervisorHandover(run: run.number, secrets: secrets).encoded()
        if let input = takeInput() {
            defer { close(input) }
            if handed.withUnsafeBytes({ FileSystem.writeAll($0, to: input) }) { return SupervisorProcess(child) }
            _ = child.wait()
        }
        return try SupervisorProcess(
            run,
            state: launch.state,
            isolation: launch.isolation,
            secrets: secrets,
            program: launch.program
        )
    }

    /// For tests and for people: the process to look at.
    package var pid: Int32 { child.pid }

    /// Ends it, unless it has got a run.
    package func end() {
        guard let input = takeInput() else { return }
        close(input)
        child.killAll()
        _ = child.wait()
    }

    private func takeInput() -> Int32? {
        input.withLock { input in
            defer { input = nil }
            return input
        }
    }
}
