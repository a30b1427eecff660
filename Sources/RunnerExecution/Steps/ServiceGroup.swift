import Dispatch
import Glibc
import RunnerCore
import RunnerStore
import Synchronization
import SystemPackage

/// The programs that run beside a stage's steps: started before the first, ended after the last.
final class ServiceGroup: Sendable {
    /// How long a service may take until its `ready` command succeeds.
    static let readyLimit = Duration.seconds(60)
    private static let checkLimit = Duration.seconds(5)

    private let services: [ServiceSpec]
    private let sandbox: Sandbox
    private let environment: [String: String]
    private let directory: StageDirectory
    private let limits: StageLimits
    private let limit: Duration
    private let patterns: SecretPatterns
    private let stop: StopSignal
    private let running = Mutex<[Running]>([])

    /// A service's thread, as the stage sees it.
    private struct Running {
        let name: String
        let stop: StopSignal
        let ended: DispatchSemaphore
        let end: EndBox
    }

    /// Filled once, by the service's thread, before `ended` is signalled.
    private final class EndBox: Sendable {
        let value = Mutex<ProcessEnd?>(nil)
    }

    init(
        _ spec: StageSpec,
        sandbox: Sandbox,
        environment: [String: String],
        directory: StageDirectory,
        limits: StageLimits,
        patterns: SecretPatterns,
        stop: StopSignal
    ) {
        services = spec.services
        self.sandbox = sandbox
        self.environment = environment
        self.directory = directory
        self.limits = limits
        limit = spec.timeout
        self.patterns = patterns
        self.stop = stop
    }

    /// Why a stage cannot go on, and what that makes of it.
    struct Problem {
        let outcome: Outcome
        let reason: String
    }

    /// Starts all and waits until each is ready. Returns why the stage cannot go on, if it cannot.
    func start(
        until deadline: ContinuousClock.Instant,
        _ record: (RunRecord.Happening) -> Void
    ) throws -> Problem? {
        if !services.isEmpty, sandbox.network == .none {
            record(.note("with `network: none` steps reach services only through sockets in $TMPDIR"))
        }
        for (index, service) in services.enumerated() {
            let service = try begin(service, index: index)
            running.withLock { $0.append(service) }
        }
        for (index, service) in services.enumerated() {
            if let problem = try awaitReady(service, index: index, stageDeadline: deadline) { return problem }
            record(.note("service \(service.name) is ready"))
        }
        return nil
    }

    /// Ends all, in the opposite order, and waits for their ends.
    func end() {
        for service in running.withLock({ $0 }).reversed() {
            service.stop.ask(.cancel("the stage has ended"))
            service.ended.wait()
        }
    }

    private func begin(_ service: ServiceSpec, index: Int) throws -> Running {
        let log = try LogWriter(
            directory.service(service.name),
            secrets: patterns,
            limit: limits.log
        )
        let stop = StopSignal()
        let process = StepProcess(
            launch: try launch(service.run, service, name: "service-\(index)"),
            timeout: nil,
            grace: limits.grace,
            stop: stop
        )
        let running = Running(name: service.name, stop: stop, ended: DispatchSemaphore(value: 0), end: EndBox())
        let work = ServiceWork(process: process, log: log)
        BlockingThread.start { [ended = running.ended, box = running.end] in
            let end = work.run()
            box.value.withLock { $0 = end }
            ended.signal()
        }
        return running
    }

    private func awaitReady(
        _ service: ServiceSpec,
        index: Int,
        stageDeadline: ContinuousClock.Instant
    ) throws -> Problem? {
        guard let ready = service.ready else { return nil }
        let deadline = ContinuousClock.now + Self.readyLimit
        while true {
            let end = running.withLock { $0[index].end.value.withLock { $0 } }
            if let end {
                let reason = "service `\(service.name)` ended before it was ready: \(words(end))"
                return Problem(outcome: .failed, reason: reason)
            }
            if let request = stop.request { return Problem(outcome: .canceled, reason: request.reason) }
            let log = try LogWriter(directory.service("\(service.name)-ready"), secrets: patterns, limit: limits.log)
            let check = StepProcess(
                launch: try launch(ready, service, name: "ready-\(index)"),
                timeout: min(Self.checkLimit, max(stageDeadline - .now, .zero)),
                grace: .seconds(1),
                stop: stop
            )
            if try check.run(log: log) == .exited(0) { return nil }
            if ContinuousClock.now >= stageDeadline {
                let reason = "the stage ran longer than \(limit.words): service `\(service.name)` was not ready"
                return Problem(outcome: .timedOut, reason: reason)
            }
            guard ContinuousClock.now < deadline else {
                let reason = "service `\(service.name)` was not ready within \(Self.readyLimit.words)"
                return Problem(outcome: .failed, reason: reason)
            }
            // A check costs little and most services need a moment; a request to stop ends the pause.
            var waited = pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0)
            poll(&waited, 1, 50)
        }
    }

    private func launch(_ script: String, _ service: ServiceSpec, name: String) throws -> Launch {
        let file = sandbox.places.exchange.appending(name)
        try FileSystem.write(Array((script + "\n").utf8), to: file)
        return try sandbox.launch(
            Shell.machine.command + ["\(sandbox.visible.exchange)/\(name)"],
            environment: environment.merging(service.environment) { _, own in own },
            directory: nil
        )
    }

    private func words(_ end: ProcessEnd) -> String {
        switch end {
        case .exited(let code): ExitStatus.words(code)
        case .timedOut: "timed out"
        case .canceled(let reason): reason
        case .logFailed(let failure): failure.description
        }
    }
}

/// What a service's thread owns.
private final class ServiceWork: @unchecked Sendable {
    // Unchecked: made by one thread, handed to another before it starts, and never touched by the first again.
    private let process: StepProcess
    private let log: LogWriter

    init(process: StepProcess, log: LogWriter) {
        self.process = process
        self.log = log
    }

    func run() -> ProcessEnd {
        do {
            let end = try process.run(log: log)
            try log.finish()
            return end
        } catch {
            return .logFailed(error)
        }
    }
}
