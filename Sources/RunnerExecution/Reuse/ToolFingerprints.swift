import FoundationEssentials
import RunnerCore
import RunnerStore
import SystemPackage

/// What the tools of stages say of themselves: each command is run once per run, in a sandbox like a stage's own, without
/// a workspace.
actor ToolFingerprints {
    /// A tool that takes longer to say who it is has lost its way.
    private static let limit = Duration.seconds(30)
    /// Of what it says.
    private static let longestAnswer: Int64 = 1 << 20

    private let run: RunSpec
    private let state: StateDirectory
    private let machine: MachineView
    private let bubblewrap: FilePath?
    private var answers: [String: Task<Digest, any Error>] = [:]

    init(run: RunSpec, state: StateDirectory, machine: MachineView, bubblewrap: FilePath?) {
        self.run = run
        self.state = state
        self.machine = machine
        self.bubblewrap = bubblewrap
    }

    /// The digest of what a command prints. Throws where it fails.
    func digest(of command: String) async throws -> Digest {
        if let answer = answers[command] { return try await answer.value }
        // Ends by itself: the command has a time limit. Who asks next waits for the same.
        let work = Task { [self] in try await BlockingThread.run { Result { try self.ask(command) } }.get() }
        answers[command] = work
        return try await work.value
    }

    private nonisolated func ask(_ command: String) throws -> Digest {
        let name = StageID("tool \(UniqueName.make())")
        let places = StagePlaces(state: state, run: run.number, stage: name)
        let workspace = Workspace(kind: .copy, places: places, layers: [])
        try workspace.prepare()
        // What stays behind is swept like the workspaces of stages.
        defer { try? TreeRemoval.remove(places.root) }
        let sandbox = Sandbox(
            isolation: run.isolation,
            machine: machine,
            places: places,
            network: .none,
            artifacts: [:],
            bubblewrap: bubblewrap
        )
        try FileSystem.write(Array("\(command)\n".utf8), to: places.exchange.appending("script"))
        var environment = machine.exposure.environment
        environment.merge(
            [
                "PATH": machine.exposure.searchPath, "HOME": sandbox.visible.home, "LANG": "C.UTF-8", "TERM": "dumb",
                "TMPDIR": sandbox.visible.temporary,
            ]
        ) { _, own in own }
        let launch = try sandbox.launch(
            Shell.machine.command + ["\(sandbox.visible.exchange)/script"],
            environment: environment,
            directory: nil
        )
        let log = places.root.appending("answer")
        let writer = try LogWriter(log, secrets: SecretPatterns([]), limit: Self.longestAnswer)
        let process = StepProcess(launch: launch, timeout: Self.limit, grace: .seconds(1), stop: StopSignal())
        let end = try process.run(log: writer)
        try writer.finish()
        let answer = try FileSystem.read(log) ?? Data()
        guard end == .exited(0) else { throw Failed(command: command, end: end, said: answer) }
        return Digest.sha256(answer)
    }

    /// A tool that did not say who it is.
    struct Failed: Error, CustomStringConvertible {
        let command: String
        let end: ProcessEnd
        let said: Data

        var description: String {
            let words =
                switch end {
                case .exited(let code): ExitStatus.words(code)
                case .timedOut: "took longer than \(ToolFingerprints.limit.words)"
                case .canceled(let reason): reason
                case .logFailed(let failure): failure.description
                }
            let last = String(decoding: said.suffix(200), as: UTF8.self).split(whereSeparator: \.isNewline).last
            return "`\(command)`: \(words)" + (last.map { ": \($0)" } ?? "")
        }
    }
}
