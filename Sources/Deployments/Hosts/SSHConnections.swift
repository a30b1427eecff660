import FoundationEssentials
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import Synchronization
import SystemPackage

/// The connections that commands on the same host share, so that ten of them cost one handshake. Each stays for 30 s after
/// its last command, also when its first command is ended. Share one of these among all that speak with the same hosts.
package final class SSHConnections: Sendable {
    private enum State {
        /// By somebody, on another thread.
        case connecting
        case open(socket: String)
    }

    private struct Table {
        var directory: FilePath?
        var count = 0
        var states: [SSHHost: State] = [:]
    }

    private let table = Mutex(Table())

    package init() {}

    deinit {
        let directory = table.withLock(\.directory)
        // A connection that still stays ends by itself.
        if let directory { try? TreeRemoval.remove(directory) }
    }

    /// The arguments for commands on a host, to which there is a connection now. Blocks its thread.
    func open(
        _ host: SSHHost,
        until deadline: ContinuousClock.Instant,
        stop: StopSignal
    ) throws -> SSHArguments {
        while true {
            switch try claim(host) {
            case .use(let socket): return try SSHArguments(host, socket: socket)
            case .connect(let socket):
                var isOpen = false
                defer { table.withLock { $0.states[host] = isOpen ? .open(socket: socket) : nil } }
                let arguments = try SSHArguments(host, socket: socket)
                try connect(arguments, until: deadline, stop: stop)
                isOpen = true
                return arguments
            case .wait:
                var asked = pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0)
                poll(&asked, 1, min(10, deadline.millisecondsLeft))
                if stop.request != nil { throw CancellationError() }
                if ContinuousClock.now >= deadline {
                    throw DeployFailure(.timedOut, "cannot connect to \(host.words)", why: "no answer in time")
                }
            }
        }
    }

    /// What hangs is not used again.
    func forget(_ arguments: SSHArguments) {
        table.withLock { table in
            if case .open(arguments.socket) = table.states[arguments.host] { table.states[arguments.host] = nil }
        }
    }

    private enum Claim {
        case use(socket: String)
        case connect(socket: String)
        case wait
    }

    private func claim(_ host: SSHHost) throws -> Claim {
        try table.withLock { table in
            switch table.states[host] {
            case .connecting: return .wait
            case .open(let socket) where Self.answers(socket): return .use(socket: socket)
            case .open, nil:
                let directory = try table.directory ?? Self.makeDirectory()
                table.directory = directory
                table.count += 1
                table.states[host] = .connecting
                return .connect(socket: directory.appending("\(table.count)").string)
            }
        }
    }

    /// Private, and short: the name of a socket has 107 bytes at most, of which `ssh` itself wants 17 for a moment.
    private static func makeDirectory() throws -> FilePath {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let place = parent.utf8.count <= 60 && parent.hasPrefix("/") ? parent : "/tmp"
        var template = Array("\(place)/runner-ssh-XXXXXX".utf8CString)
        _ = try checked("make directory in", FilePath(place)) { mkdtemp(&template) == nil ? -1 : 0 }
        return FilePath(platformString: template)
    }

    private static func answers(_ socket: String) -> Bool {
        guard let fd = SocketConnection.unix(socket) else { return false }
        close(fd)
        return true
    }

    private func connect(_ arguments: SSHArguments, until deadline: ContinuousClock.Instant, stop: StopSignal) throws {
        let process = ScriptProcess(
            launch: try Self.launch(arguments.connecting, guarding: .untilItEnds),
            preamble: [],
            input: .bytes([]),
            deadline: min(deadline, .now + .seconds(15)),
            stop: stop
        )
        var printed: [UInt8] = []
        let end = try process.run { bytes in
            printed += bytes.prefix(max(0, 1024 - printed.count))
            return false
        }
        switch end.cause {
        case .exited(0), .leftOutputOpen: return
        case .canceled: throw CancellationError()
        case .timedOut:
            throw DeployFailure(
                .timedOut,
                "cannot connect to \(arguments.host.words)",
                why: end.errors.asReason ?? "it takes connections and does not answer",
                hint: "is that port sshd's, and is the host alive?"
            )
        case .exited:
            let said = String(decoding: printed, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
            throw arguments.host.failure(end.errors.isEmpty ? said : end.errors)
        }
    }

    /// `ssh` with the little of the daemon's environment that it needs.
    static func launch(_ arguments: [String], guarding: Launch.Guarding) throws(DeployFailure) -> Launch {
        guard let program = Programs.find("ssh") else {
            throw DeployFailure(
                .input,
                "cannot reach other hosts",
                why: "there is no `ssh` here",
                hint: "install openssh-client"
            )
        }
        var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"]
        for name in ["PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return Launch(
            executable: program,
            arguments: arguments,
            environment: environment,
            directory: "/",
            guarding: guarding
        )
    }
}
