import ArgumentParser
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// `runner shell`: where a stage of the server's run failed, on the server's own machine.
struct ShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Open a shell in the kept workspace of a failed stage, on the machine that ran it.",
        discussion: """
            The same workspace, sandbox and variables as the failed step had, but no secrets. As the user that the
            daemon runs as: `sudo -u runner runner shell ...`. With --json nothing is opened: it says where all lies.
            """
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Argument(help: "A stage by name, as `test (sqlite)`.")
    var stage: String

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let (number, stage) = (run, stage)
        let (detail, state) = try await daemon.reach.call { client in
            (try await client.run(number), StateDirectory(FilePath(try await client.status().state)))
        }
        let place = try KeptWorkspace(of: detail.stage(named: stage), run: number, state: state)
        if daemon.json { return try Console.document(place.document) }
        try KeptShell.requireTerminal(hint: "the workspace is \(place.path)")
        Console.error("without secrets; what you change stays for whoever looks next")
        let shell = KeptShell(directory: place.directory, state: state, isolation: place.isolation)
        try await shell.open(in: StageID(stage))
    }
}

/// The workspace of a failed stage where it is still there, and here.
struct KeptWorkspace {
    let path: String
    let directory: RunDirectory
    let isolation: Isolation
    private let stage: StageView

    struct Document: Encodable {
        let run: Int
        let stage: String
        let workspace: String
        let isolation: Isolation
    }

    var document: Document {
        Document(run: directory.number.value, stage: stage.name, workspace: path, isolation: isolation)
    }

    init(of stage: StageView, run: RunNumber, state: StateDirectory) throws {
        func refusal(_ why: String, _ hint: String?) -> RunnerError {
            RunnerError(.input, "cannot open a shell in stage `\(stage.name)` of run \(run)", why: why, hint: hint)
        }
        guard let outcome = stage.outcome else {
            throw refusal("it has not ended", "runner watch \(run)")
        }
        guard outcome.isFailure else {
            throw refusal(
                "it \(outcome == .succeeded ? "succeeded" : "is \(outcome.words)"): only failed stages are kept",
                nil
            )
        }
        guard let path = stage.keptWorkspace else {
            throw refusal(
                "its workspace is not kept any more",
                "`runner rerun \(run)`; see `workspaces: { keep-failed: … }`"
            )
        }
        directory = RunDirectory(state.runs.appending(run.description), number: run)
        let spec: RunSpec?
        do {
            spec = try JSON.read(RunSpec.self, at: directory.spec)
        } catch let error as SystemFailure where error.errno == .permissionDenied {
            throw refusal(
                "\(state.path) is another user's",
                "sudo -u runner runner shell \(run) \(ShellText.quoted(stage.name))"
            )
        }
        guard let spec else {
            throw refusal(
                "there is no \(directory.path) here: another machine ran it",
                "log in there, and say it again"
            )
        }
        guard FileSystem.exists(FilePath(path)) else {
            throw refusal(
                "its workspace is not kept any more",
                "`runner rerun \(run)`; see `workspaces: { keep-failed: … }`"
            )
        }
        (self.path, self.stage, isolation) = (path, stage, spec.isolation)
    }
}
