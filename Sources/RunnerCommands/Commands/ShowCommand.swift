import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner show`: everything that is known of a run.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run: its stages and steps, why each is as it is, and what to do next."
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.run(run)
        } show: {
            Console.result(RunDetailText(paint: .ofOutput, layout: .ofOutput).text($0))
        }
    }
}
