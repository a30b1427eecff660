import ArgumentParser
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

    @Argument
    var run: Int

    mutating func run() async throws {
        DescriptorLimit.raise()
        let state = StateDirectory(FilePath(state))
        guard let number = RunNumber(run) else { throw ValidationError("`\(run)` is not a run number") }
        let directory = RunDirectory(state.runs.appending(number.description), number: number)
        // A starter that was killed leaves a run that is not begun, which it may start again.
        guard let secrets = try SecretHandover.receive(from: STDIN_FILENO) else { return }
        let result = try await Supervisor(directory, state: state).run(secrets: secrets)
        throw CommandEnd(code: RunnerCore.ExitCode(result.outcome))
    }
}
