import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// One step: its script in the sandbox, its output on disk, what it passes on.
struct StepExecution {
    let index: Int
    let step: StepDefinition
    let sandbox: Sandbox
    let log: FilePath
    let limits: StageLimits
    /// What is left of the stage's time, or less where the step has its own limit.
    let timeout: Duration
    /// What to say when it is over: whose limit it was.
    let limit: String
    let grace: Duration
    let secrets: SecretPatterns
    let stop: StopSignal

    /// The end of the step and what it wrote for those after it.
    struct End {
        var result: StepResult
        var variables: [String: String] = [:]
        var outputs: [String: String] = [:]
        var searchPaths: [String] = []
        /// Set where the disk took no more, so that the stage gives up.
        var failure: SystemFailure?
    }

    func run(environment: [String: String]) throws -> End {
        let start = ContinuousClock.now
        if let reason = missingDirectory() {
            return End(result: StepResult(name: step.name, outcome: .failed, reason: reason))
        }
        try prepareExchange()
        let script = "\(sandbox.visible.exchange)/script"
        let launch = try sandbox.launch(
            Shell.machine.command + [script],
            environment: environment,
            directory: step.directory
        )
        let writer = try LogWriter(log, secrets: secrets, limit: limits.log)
        let process = StepProcess(launch: launch, timeout: timeout, grace: grace, stop: stop)
        let hits = sandbox.group?.hits() ?? [:]
        let end = try process.run(log: writer)
        var finish = End(result: StepResult(name: step.name, outcome: .succeeded, log: log.lastComponent?.string))
        do {
            try writer.finish()
        } catch {
            finish.failure = error
        }
        judge(end, reached: sandbox.group?.reached(since: hits), &finish)
        finish.result.seconds = (ContinuousClock.now - start).seconds
        if finish.result.outcome == .succeeded { collect(&finish) }
        return finish
    }

    /// Why the step's directory cannot be entered. Links are the sandbox's to follow, which sees another machine.
    private func missingDirectory() -> String? {
        var current = sandbox.places.workspace
        for component in (step.directory ?? "").split(separator: "/") where component != "." {
            current.append(String(component))
            var status = stat()
            let isThere = lstat(current.cString, &status) == 0
            if isThere, status.st_mode & S_IFMT == S_IFLNK { return nil }
            guard isThere, status.st_mode & S_IFMT == S_IFDIR else {
                return "directory: `\(step.directory ?? "")` \(isThere ? "is not a directory" : "does not exist")"
            }
        }
        return nil
    }

    /// `reached` is the limit of the stage that was hit meanwhile.
    private func judge(_ end: ProcessEnd, reached: String?, _ finish: inout End) {
        switch end {
        case .exited(let code):
            finish.result.exitCode = code
            if code != 0, let problem = mark.problem(in: log) {
                finish.result.outcome = .errored
                finish.result.reason = problem
            } else if code != 0, DiskReserve.isDiskFull(at: sandbox.places.root) {
                // What the step says of a full disk says nothing of the code under test.
                finish.failure = SystemFailure("write in the workspace", sandbox.places.root, ENOSPC)
            } else if code != 0 {
                finish.result.outcome = .failed
                finish.result.reason = reached ?? ExitStatus.words(code)
            }
        case .timedOut:
            finish.result.outcome = .timedOut
            finish.result.reason = limit
        case .canceled(let reason):
            finish.result.outcome = .canceled
            finish.result.reason = reason
        case .logFailed(let failure): finish.failure = failure
        }
        if let failure = finish.failure {
            finish.result.outcome = .errored
            finish.result.reason = failure.isDiskFull ? "the disk is full (\(failure))" : "\(failure)"
        }
    }

    private var mark: StartMark { StartMark(sandbox: sandbox) }

    private func prepareExchange() throws {
        let directory = sandbox.places.exchange
        try mark.set()
        for (name, content) in [("script", mark.script(step.run) + "\n"), ("env", ""), ("output", ""), ("path", "")] {
            try TreeRemoval.remove(directory.appending(name))
            try FileSystem.write(Array(content.utf8), to: directory.appending(name), mode: 0o666)
        }
    }

    /// Reads what the step passes on. A file that cannot be understood fails the step: it is the script's mistake.
    private func collect(_ finish: inout End) {
        do {
            finish.variables = try read("env", refusesReserved: true)
            finish.outputs = try read("output", refusesReserved: false)
            finish.searchPaths = try readSearchPaths()
        } catch {
            finish.result.outcome = .failed
            finish.result.reason = error.message
        }
    }

    private struct Problem: Error {
        let message: String
    }

    private func read(_ name: String, refusesReserved: Bool) throws(Problem) -> [String: String] {
        let variable = name == "env" ? "RUNNER_ENV" : "RUNNER_OUTPUT"
        let text = try content(of: name, variable: variable)
        do {
            let file = try EnvironmentFile(text) { refusesReserved ? refusal($0) : nil }
            if !refusesReserved { try refuseSecrets(in: file) }
            return file.variables
        } catch let problem as EnvironmentFile.Problem {
            throw Problem(message: "\(variable) line \(problem.line): \(problem.message)")
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(message: "\(variable): \(error)")
        }
    }

    private func refusal(_ name: String) -> String? {
        guard ReservedVariables.contains(name) else { return nil }
        return "`\(name)` may not be set: \(ReservedVariables.hint(for: name))"
    }

    /// Outputs are kept on disk, where no secret may be.
    private func refuseSecrets(in file: EnvironmentFile) throws(Problem) {
        for (name, value) in file.variables where secrets.redacted(value) != value {
            throw Problem(message: "RUNNER_OUTPUT: the value of `\(name)` holds a secret; outputs are kept on disk")
        }
    }

    private func readSearchPaths() throws(Problem) -> [String] {
        let text = String(decoding: try content(of: "path", variable: "RUNNER_PATH"), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        for (index, line) in lines.enumerated() where !line.hasPrefix("/") || line.contains(":") {
            throw Problem(message: "RUNNER_PATH line \(index + 1): it is not one absolute path")
        }
        return lines
    }

    private func content(of name: String, variable: String) throws(Problem) -> [UInt8] {
        do {
            let data = try FileSystem.read(sandbox.places.exchange.appending(name), limit: EnvironmentFile.maximumBytes)
            return data.map(Array.init) ?? []
        } catch {
            throw Problem(message: "\(variable) cannot be read: \(error.errno) (a plain file of at most 1 MiB)")
        }
    }
}

extension SecretPatterns {
    /// A short text with its secrets hidden.
    func redacted(_ text: String) -> String {
        var redactor = Redactor(self)
        var bytes: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { redactor.redact($0) { piece in bytes.append(contentsOf: piece) } }
        redactor.finish { piece in bytes.append(contentsOf: piece) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
