import CLinux
import Glibc
package import RunnerStore
import Synchronization
package import SystemPackage

/// How to start a program: nothing is inherited that is not named here.
package struct Launch: Sendable {
    package var executable: FilePath
    package var arguments: [String]
    package var environment: [String: String]
    package var directory: FilePath?
    /// True: a guard process adopts and ends all descendants. False: the program itself sees to that, as bubblewrap does.
    package var isGuarded: Bool

    package init(
        executable: FilePath,
        arguments: [String],
        environment: [String: String],
        directory: FilePath? = nil,
        isGuarded: Bool
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.isGuarded = isGuarded
    }
}

/// The one place where programs are started and ended. Lives and dies on one thread: the kernel ends a child with the
/// *thread* that started it, which is how nothing survives a killed supervisor.
package final class ChildProcess: Sendable {
    package let pid: Int32
    /// Readable when the process has ended.
    package let pidfd: Int32
    private let isGuarded: Bool
    private let exitCode = Mutex<Int32?>(nil)

    /// Starts a program whose standard output and error are one and the same descriptor.
    package init(_ launch: Launch, input: Int32, output: Int32, errors: Int32? = nil) throws(SystemFailure) {
        isGuarded = launch.isGuarded
        let environment = launch.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let started = withCStrings([launch.executable.string] + launch.arguments) { arguments in
            withCStrings(environment) { variables in
                let start = launch.isGuarded ? runner_spawn_guarded : runner_spawn
                return withOptionalCString(launch.directory?.string) {
                    start(launch.executable.string, arguments, variables, $0, input, output, errors ?? output)
                }
            }
        }
        guard started > 0 else { throw SystemFailure("start", launch.executable, -started) }
        pid = started
        pidfd = runner_pidfd_open(started)
    }

    deinit {
        if pidfd >= 0 { close(pidfd) }
    }

    /// Asks all of it to end: SIGTERM to every process below this one.
    package func terminate() {
        if isGuarded {
            kill(pid, SIGTERM)
            return
        }
        for descendant in descendants() { kill(descendant, SIGTERM) }
    }

    /// Ends all of it, now. A guard kills what it adopted; bubblewrap's process namespace dies with its first process.
    package func killAll() {
        if isGuarded {
            kill(pid, SIGUSR1)
        } else {
            for descendant in descendants() { kill(descendant, SIGKILL) }
            kill(pid, SIGKILL)
        }
    }

    /// Waits for the end. The status is as a shell says it: 128 and the signal's number for a killed program.
    package func wait() -> Int32 {
        exitCode.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
            known = code
            return code
        }
    }

    private func descendants() -> [pid_t] {
        var pids = [pid_t](repeating: 0, count: 8192)
        let count = runner_descendants(pid, &pids, Int32(pids.count))
        return count > 0 ? Array(pids.prefix(Int(count))) : []
    }
}

func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}

private func withOptionalCString<R>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let string else { return body(nil) }
    return string.withCString { body($0) }
}
