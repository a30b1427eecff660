import ArgumentParser
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Becomes the shell in a kept workspace. Started by `runner local` and `runner shell` in new namespaces, never by a person.
struct ShellInCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell-in",
        abstract: "Open a shell in a kept workspace: internal.",
        shouldDisplay: false
    )

    @Option(name: .long)
    var state: String

    @Argument
    var number: Int

    @Argument
    var stage: String

    mutating func run() throws {
        let state = StateDirectory(FilePath(state))
        guard let run = RunNumber(number) else { throw ValidationError("`\(number)` is not a run number") }
        let directory = RunDirectory(state.runs.appending(run.description), number: run)
        let secrets = try SecretHandover.receive(from: ForegroundProgram.handedDescriptor) ?? [:]
        close(ForegroundProgram.handedDescriptor)
        let shell = try StageShell(directory, stage: StageID(stage), state: state)
        for line in shell.greeting.split(separator: "\n") { Console.error(String(line).forTerminal) }
        let terminal = getenv("TERM").map { String(cString: $0) } ?? "dumb"
        try shell.enter(secrets: secrets, terminal: terminal)
    }
}
