import Glibc
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// A shell in the kept workspace of a stage that failed: `--shell-on-failure` and `runner shell`.
struct KeptShell {
    let directory: RunDirectory
    let state: StateDirectory
    let isolation: Isolation
    /// Given again, for they are nowhere kept.
    var secrets: [String: String] = [:]

    /// Before anything runs: a shell that nobody can type into is no help.
    static func requireTerminal(hint: String) throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw RunnerError(
                .input,
                "cannot open a shell",
                why: "standard input and output are no terminal",
                hint: hint
            )
        }
    }

    /// Returns when the shell has ended; how is no matter of ours.
    func open(in stage: StageID) async throws {
        let launch = try launch(stage)
        let handed = try SecretHandover.encode(secrets)
        let end = await BlockingThread.run { Result { try ForegroundProgram.run(launch, handing: handed) } }
        _ = try end.get()
    }

    private func launch(_ stage: StageID) throws -> Launch {
        let own = try Programs.own()
        let command = ["shell-in", "--state", state.path.string, "--", "\(directory.number)", stage.description]
        var environment: [String: String] = ["LC_ALL": "C.UTF-8"]
        for name in ["PATH", "LD_LIBRARY_PATH", "TERM"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        var launch = Launch(executable: own, arguments: command, environment: environment)
        if isolation == .sandbox, let unshare = Programs.find("unshare") {
            launch.executable = unshare
            launch.arguments = Namespaces.arguments + [own.string] + command
        }
        return launch
    }
}
