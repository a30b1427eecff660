import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner cancel`: end a run in order.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End a run: stages are told to end, `finally` runs.",
        discussion: "One that has not begun ends at once; one that has ended stays as it is. Twice is as good as once."
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Option(name: .long, help: "Why, for the record.")
    var reason: String?

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        try await daemon.answer {
            try await $0.cancel(run, reason: reason)
        } show: { answer in
            switch answer.answer {
            case .ended: Console.result("run \(answer.run) is canceled; it had not begun")
            case .asked:
                Console.result("run \(answer.run) is ending")
                Console.error("follow it: runner watch \(answer.run)")
            case .hadEnded: Console.result("run \(answer.run) had ended: \(answer.outcome?.words ?? "finished")")
            }
        }
    }
}
