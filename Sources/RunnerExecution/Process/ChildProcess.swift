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
    /// Who is asked to end by a guard process, which adopts and ends all descendants; `nil` for no guard.
    package var guarding: Guarding?
    /// Where the program begins; needs a guard.
    var groups: [ControlGroup] = []

    package enum Guarding: Sendable, Hashable {
        case everything
        /// All but the program itself: bubblewrap, asked to end, would kill what it holds.
        case contents
        /// As everything, for as long as the program runs; what it leaves behind when it ends by itself, as a service that
        /// it started, lives on.
        case untilItEnds
    }

    package init(
        executable: FilePath,
        arguments: [String],
        environment: [String: String],
        directory: FilePath? = nil,
        guarding: Guarding? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.guarding = guarding
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
        isGuarded = launch.guarding != nil
        let environment = launch.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let groups = try ControlGroup.open(launch.groups)
        defer { for list in groups { close(list) } }
        let started = Self.living.withLock { living in
            let pid = Self.start(launch, environment, groups, input: input, output: output, errors: errors ?? output)
            if pid > 0 { living.insert(pid) }
            return pid
        }
        guard started > 0 else { throw SystemFailure("start", launch.executable, -started) }
        pid = started
        pidfd = runner_pidfd_open(started)
        guard pidfd < 0 else { return }
        // Nobody would see its end.
        killAll()
        _ = wait()
        throw SystemFailure("watch", launch.executable, -pidfd)
    }

    private static func start(
        _ launch: Launch,
        _ environment: [String],
        _ groups: [Int32],
        input: Int32,
        output: Int32,
        errors: Int32
    ) -> Int32 {
        withCStrings([launch.executable.string] + launch.arguments) { arguments in
            withCStrings(environment) { variables in
                let program = launch.executable.string
                return withOptionalCString(launch.directory?.string) { directory in
                    guard let guarding = launch.guarding else {
                        return runner_spawn(program, arguments, variables, directory, input, output, errors)
                    }
                    let mode =
                        switch guarding {
                        case .everything: RUNNER_GUARD_ALL
                        case .contents: RUNNER_GUARD_CONTENTS
                        case .untilItEnds: RUNNER_GUARD_UNTIL_END
                        }
                    let count = Int32(groups.count / 2)
                    return runner_spawn_guarded(
                        program,
                        arguments,
                        variables,
                        directory,
                        input,
                        output,
                        errors,
                        Int32(mode),
                        groups,
                        count
                    )
                }
            }
        }
    }

    deinit {
        if pidfd >= 0 { close(pidfd) }
    }

    /// Asks all of it to end: SIGTERM to every process below this one.
    package func terminate() {
        if isGuarded {
            kill(pid, SIGTERM)
            kill(pid, SIGCONT)
            return
        }
        for descendant in descendants() { kill(descendant, SIGTERM) }
    }

    /// Ends all of it, now. A guard kills what it adopted; bubblewrap's process namespace dies with its first process.
    package func killAll() {
        if isGuarded {
            kill(pid, SIGUSR1)
            // A step may have stopped its guard.
            kill(pid, SIGCONT)
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
            Self.living.withLock { living in
                living.remove(pid)
                // A guard ends by itself: something killed it before it could end what it guards.
                if isGuarded, signal != 0 { Self.endStrays(sparing: living) }
            }
            return code
        }
    }

    /// What this process started and has not yet waited for.
    private static let living = Mutex<Set<Int32>>([])

    /// Ends every process below this one that belongs to nothing alive. Orphans come here where the process adopts them,
    /// as a supervisor does.
    private static func endStrays(sparing living: Set<Int32>) {
        // As in the guard, a process that may not be killed must not keep the stage for ever.
        for _ in 0..<2_000 {
            let spared = living.union(living.flatMap { descendants(of: $0) })
            let strays = descendants(of: getpid()).filter { !spared.contains($0) }
            if strays.isEmpty { return }
            for stray in strays { kill(stray, SIGKILL) }
            for stray in strays { waitpid(stray, nil, WNOHANG) }
            usleep(1000)
        }
    }

    private func descendants() -> [pid_t] { Self.descendants(of: pid) }

    private static func descendants(of pid: pid_t) -> [pid_t] {
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
