import Glibc
package import RunnerCore
package import RunnerExecution
import RunnerStore
import SystemPackage

/// How a script ended, by its own word.
package struct ShellEnd: Sendable, Hashable {
    /// As a shell says it.
    package var status: Int32
    /// The last that it printed, output and errors in their order, secrets masked.
    package var lines: [String]

    package init(status: Int32, lines: [String]) {
        self.status = status
        self.lines = lines
    }
}

/// Runs scripts where a target is: on this machine, or through `ssh`. Their shell is bash where there is one, else sh;
/// errors and, with bash, failed pipes end them. Their environment is made from nothing here, and from what the user has
/// on another host.
///
/// A script may leave a service behind: what it started lives on when it ends by itself. A script that takes too long or
/// is canceled, and one whose daemon dies, is killed with all that it started; on another host, with all that did not
/// leave its process group.
package struct HostShell: Sendable {
    package let host: DeployTarget.Host
    private let connections: SSHConnections
    private let secrets: SecretPatterns

    package init(
        _ host: DeployTarget.Host,
        over connections: SSHConnections = SSHConnections(),
        hiding secrets: SecretPatterns = SecretPatterns([])
    ) {
        self.host = host
        self.connections = connections
        self.secrets = secrets
    }

    /// Runs a script to its end, however it ends. Throws `DeployFailure` where the host cannot be reached, is lost on the
    /// way, or takes too long; `CancellationError` at once when the task is canceled.
    ///
    /// - Parameters:
    ///   - directory: where it begins; a script that cannot begin there ends with 1.
    ///   - kept: how many of its last lines the end has.
    @discardableResult
    package func run(
        _ script: Script,
        environment: [String: String] = [:],
        in directory: String? = nil,
        input: ScriptInput = .bytes([]),
        keeping kept: Int = 20,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> ShellEnd {
        try Task.checkCancellation()
        let mark = "runner-\(UniqueName.make())\(UniqueName.make())"
        let preamble = try ShellProtocol.preamble(
            script.text,
            environment: environment,
            directory: directory,
            mark: mark
        )
        let stop = StopSignal()
        guard stop.fd >= 0 else { throw SystemFailure("make event counter for", "/bin/sh", -stop.fd) }
        let output = ShellOutput(mark: mark, hiding: secrets, keeping: kept, say: onLine)
        let result = await withTaskCancellationHandler {
            await BlockingThread.run {
                Result { try start(script.timeout, preamble, input, output, stop) }
            }
        } onCancel: {
            stop.ask(.kill("the deployment is canceled"))
        }
        return try result.get()
    }

    /// As `run`, and throws what it printed where its exit code is not 0. `what` continues "cannot".
    @discardableResult
    package func demand(
        _ what: String,
        _ script: Script,
        environment: [String: String] = [:],
        in directory: String? = nil,
        input: ScriptInput = .bytes([]),
        keeping kept: Int = 20,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> [String] {
        let end = try await run(
            script,
            environment: environment,
            in: directory,
            input: input,
            keeping: kept,
            onLine: onLine
        )
        guard end.status == 0 else {
            let code = "exit code \(end.status)"
            throw DeployFailure(
                .refused,
                "cannot \(what) on \(host.words)",
                why: end.lines.asReason.map { "\($0) (\(code))" } ?? code
            )
        }
        return end.lines
    }

    private func start(
        _ timeout: Duration,
        _ preamble: [UInt8],
        _ input: ScriptInput,
        _ output: ShellOutput,
        _ stop: StopSignal
    ) throws -> ShellEnd {
        let deadline = ContinuousClock.now + timeout
        switch host {
        case .local:
            let process = ScriptProcess(
                launch: Self.localLaunch,
                preamble: preamble,
                input: input,
                deadline: deadline,
                stop: stop
            )
            return try follow(process, output, timeout, arguments: nil)
        case .ssh(let host):
            let arguments = try connections.open(host, until: deadline, stop: stop)
            let process = ScriptProcess(
                launch: try SSHConnections.launch(
                    arguments.running(ShellProtocol.remoteCommand),
                    guarding: .everything
                ),
                preamble: preamble,
                input: input,
                deadline: deadline,
                stop: stop,
                patience: .milliseconds(250)
            )
            return try follow(process, output, timeout, arguments: arguments)
        }
    }

    private func follow(
        _ process: ScriptProcess,
        _ initial: ShellOutput,
        _ timeout: Duration,
        arguments: SSHArguments?
    ) throws -> ShellEnd {
        var output = initial
        let end = try process.run { bytes in
            output.read(bytes)
            return output.status != nil
        }
        output.finish()
        switch end.cause {
        case .canceled:
            endElsewhere(output.leader, arguments)
            throw CancellationError()
        case .timedOut:
            endElsewhere(output.leader, arguments)
            throw DeployFailure(
                .timedOut,
                "the script on \(host.words) took longer than \(timeout.words)",
                why: output.lines.asReason.map { "the last it said: \($0)" } ?? "it said nothing"
            )
        case .exited, .leftOutputOpen: break
        }
        if let feeder = end.feeder, feeder != 0, output.status == 0 {
            throw DeployFailure(.refused, "cannot read what goes to \(host.words)", why: "exit code \(feeder)")
        }
        if end.isOutputHeld {
            output.warn("something that the script left running still prints to it: send that elsewhere")
        }
        if let status = output.status { return ShellEnd(status: status, lines: output.lines) }
        return try endUntold(end, output, arguments)
    }

    /// Of a script that never said how it ended.
    private func endUntold(_ end: ScriptProcess.End, _ output: ShellOutput, _ arguments: SSHArguments?) throws
        -> ShellEnd
    {
        guard case .exited(let status) = end.cause else { throw CancellationError() }
        guard let arguments else {
            return ShellEnd(status: status, lines: (output.lines + end.errors).suffix(20))
        }
        connections.forget(arguments)
        guard output.leader != nil else { throw arguments.host.failure(end.errors + output.lines) }
        throw DeployFailure(
            .lost,
            "lost the connection to \(host.words) while a script ran there",
            why: (output.lines + end.errors).asReason,
            hint: "look there how far it came; every script of a deployment may be run twice"
        )
    }

    /// The end of a connection ends nothing on the other side: another command does. A host that does not even answer that
    /// gets a new connection the next time.
    private func endElsewhere(_ leader: Int32?, _ arguments: SSHArguments?) {
        guard let arguments else { return }
        guard let leader, leader > 1,
            let launch = try? SSHConnections.launch(  // Without the program there was nothing to end.
                arguments.running("exec sh -c 'kill -9 -\(leader)'"),
                guarding: .everything
            )
        else { return connections.forget(arguments) }
        let process = ScriptProcess(
            launch: launch,
            preamble: [],
            input: .bytes([]),
            deadline: .now + .seconds(2),
            stop: StopSignal()
        )
        // Where it cannot be started the connection is as good as lost.
        let end = try? process.run { _ in false }
        if case .exited = end?.cause { return }
        connections.forget(arguments)
    }

    private static var localLaunch: Launch {
        var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
        for name in ["PATH", "HOME", "LANG"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return Launch(
            executable: "/bin/sh",
            arguments: ["-c", ShellProtocol.command],
            environment: environment,
            directory: "/",
            guarding: .untilItEnds
        )
    }
}

extension DeployTarget.Host {
    /// For messages.
    package var words: String {
        switch self {
        case .local: "this machine"
        case .ssh(let host): host.words
        }
    }
}
