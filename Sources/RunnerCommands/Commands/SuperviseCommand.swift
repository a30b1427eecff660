import ArgumentParser
import CLinux
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// What owns a run. Started by `runner local` and by the daemon, never by a person.
struct SuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise",
        abstract: "Own one run: internal.",
        shouldDisplay: false
    )

    @Option(name: .long)
    var state: String

    @Flag(name: .long, help: "Wait on standard input for the number of the run, then for its secrets.")
    var standby = false

    @Argument
    var run: Int?

    mutating func validate() throws {
        if (run == nil) != standby { throw ValidationError("either the number of a run or --standby") }
    }

    mutating func run() async throws {
        DescriptorLimit.raise()
        let state = StateDirectory(FilePath(state))
        // A starter that was killed leaves a run that is not begun, which it may start again.
        guard let handover = try await handover(state) else { return }
        let directory = RunDirectory(state.runs.appending(handover.run.description), number: handover.run)
        if standby { try takeLog(of: directory) }
        // Where the kernel refuses, only a crash would show them.
        if !handover.secrets.isEmpty { _ = runner_forbid_dumps() }
        let result = try await Supervisor(directory, state: state).run(secrets: handover.secrets)
        await mergeCaches(in: state)
        throw CommandEnd(code: RunnerCore.ExitCode(result.outcome))
    }

    private func handover(_ state: StateDirectory) async throws -> SupervisorHandover? {
        guard let run else {
            try await SupervisorStandby.prepare(state)
            return try SupervisorHandover.receive(from: STDIN_FILENO)
        }
        guard let number = RunNumber(run) else { throw ValidationError("`\(run)` is not a run number") }
        return try SecretHandover.receive(from: STDIN_FILENO).map { SupervisorHandover(run: number, secrets: $0) }
    }

    /// The run is over and nobody waits for this any more.
    private func mergeCaches(in state: StateDirectory) async {
        await BlockingThread.run {
            do {
                for note in try CacheMerging(state).run() { Console.error(note) }
            } catch {
                Console.error("layers of caches are not merged: \(error)")
            }
        }
    }

    /// What this process says belongs to the run from now on.
    private func takeLog(of directory: RunDirectory) throws {
        let log = try checked("create", directory.supervisorLog) {
            open(directory.supervisorLog.string, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        }
        for output in [STDOUT_FILENO, STDERR_FILENO] { dup2(log, output) }
        close(log)
    }
}
