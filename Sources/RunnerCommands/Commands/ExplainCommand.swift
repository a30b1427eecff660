import ArgumentParser
import RunnerAPI
import RunnerCore
import RunnerEngine

/// `runner explain`: why a stage was run, or was not.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what the key of a stage with `reuse` was made of, what it hit, or what was different.",
        discussion: """
            Of a run of the daemon; with --local of a run of `runner local`. See docs/reuse.md.
            """
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Argument(help: "A stage by name, as `test (sqlite)`.")
    var stage: String

    @OptionGroup var place: LocalRunOptions

    @OptionGroup var daemon: DaemonOptions

    mutating func run() async throws {
        let (number, stage) = (run, stage)
        let explanation: StageExplanationView
        if let state = try place.state() {
            explanation = StageExplanationView(try await StageExplainer(state).explain(number, StageID(stage)))
        } else {
            explanation = try await daemon.reach.call { try await $0.explanation(of: number, stage: stage) }
        }
        if daemon.json { return try Console.document(explanation) }
        Console.result(ExplanationText(paint: .ofOutput).text(explanation))
    }
}
