import Glibc
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// `--shell-on-failure`: a shell in the workspace of the first stage of a run that failed.
struct FailureShell {
    let run: LocalRun
    let state: StateDirectory
    /// Given again, for they are nowhere kept.
    let secrets: [String: String]

    /// Before anything runs: a shell that nobody can type into is no help.
    static func requireTerminal() throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw RunnerError(
                .input,
                "cannot open a shell",
                why: "standard input and output are no terminal",
                hint: "leave `--shell-on-failure` out; a failed stage's workspace is kept all the same"
            )
        }
    }

    /// Nothing for a run without a kept workspace. How the shell ends is no matter of the run.
    func open(after result: RunResult) async throws {
        let failed = result.stages.first { $0.keptWorkspace != nil }
        guard let failed, let workspace = failed.keptWorkspace else { return }
        let launch = try launch(failed.stage)
        let handed = try SecretHandover.encode(secrets)
        let end = await BlockingThread.run { Result { try ForegroundProgram.run(launch, handing: handed) } }
        _ = try end.get()
        Console.error("the workspace of `\(failed.stage)` is kept: \(workspace)")
    }

    private func launch(_ stage: StageID) throws -> Launch {
        let own = try Programs.own()
        let command = ["shell-in", "--state", state.path.string, "--", "\(run.directory.number)", stage.description]
        var environment: [String: String] = ["LC_ALL": "C.UTF-8"]
        for name in ["PATH", "LD_LIBRARY_PATH", "TERM"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        var launch = Launch(executable: own, arguments: command, environment: environment)
        if run.isolation == .sandbox, let unshare = Programs.find("unshare") {
            launch.executable = unshare
            launch.arguments = Namespaces.arguments + [own.string] + command
        }
        return launch
    }
}
