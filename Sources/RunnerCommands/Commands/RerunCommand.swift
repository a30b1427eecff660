import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner rerun`: a run once more, or what of it did not succeed.
struct RerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Run a run again, at the same commit with the same inputs.",
        discussion: "What is not run again is taken over from the earlier run, with its artifacts and outputs."
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Flag(name: .long, help: "Only what did not succeed, and what comes after it.")
    var fromFailed = false

    @Option(name: .long, help: "Only this stage.")
    var stage: String?

    @OptionGroup var watch: WatchOptions
    @OptionGroup var daemon: DaemonOptions

    mutating func validate() throws {
        if fromFailed, stage != nil { throw ValidationError("--from-failed and --stage exclude each other") }
    }

    mutating func run() async throws {
        let (number, choice) = (run, RerunBody(fromFailed: fromFailed ? true : nil, stage: stage))
        let daemon = daemon
        try await watch.follow(daemon) { try await $0.rerun(number, choice) }
    }
}
