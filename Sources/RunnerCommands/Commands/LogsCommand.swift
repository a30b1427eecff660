import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner logs`: what the stages of a run printed.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the logs of a run, or of one of its stages.",
        discussion: "Without a stage, each line begins with the name of its stage."
    )

    @Argument(help: "The run's number.")
    var run: RunNumber

    @Argument(help: "A stage by name, as `test (sqlite)`.")
    var stage: String?

    @Option(name: .long, help: "Only this step of the stage: its name, or its number from 1.")
    var step: String?

    @Flag(name: .shortAndLong, help: "Go on printing until the stage, or the run, has ended.")
    var follow = false

    @Option(name: .long, help: "Only lines that hold this text.")
    var grep: String?

    @Option(name: .long, help: "Only the last so many lines.")
    var tail: Int?

    @OptionGroup var daemon: DaemonOptions

    mutating func validate() throws {
        if step != nil, stage == nil { throw ValidationError("--step needs a stage: runner logs N STAGE --step NAME") }
        if let tail, tail < 0 { throw ValidationError("--tail \(tail): it is at least 0") }
    }

    mutating func run() async throws {
        let command = self
        try await daemon.reach.call { try await command.print($0) }
    }

    private func print(_ client: RunnerClient) async throws {
        let detail = try await client.run(run)
        let stages = try stage.map { [try detail.stage(named: $0)] } ?? detail.stages
        let step = try step.map { try Self.index(of: $0, in: stages[0]) }
        let lines = LogLines(form: daemon.json ? .json : .text(isPrefixed: stage == nil), grep: grep)
        func places(_ isWanted: (StepView) -> Bool) -> [LogLines.Place] {
            stages.flatMap { stage in
                stage.steps.filter { $0.log != nil && (step == nil || step == $0.index) && isWanted($0) }
                    .map { LogLines.Place(stage: stage.name, step: $0.index) }
            }
        }
        let open = follow ? Set(places { $0.status != .finished }) : []
        var reading = LogReading(client: client, run: run, lines: lines, tail: tail, followed: open)
        let places = places { _ in true }
        try await reading.print(places)
        guard follow else {
            if places.isEmpty { Console.error("nothing was printed\(detail.run.outcome == nil ? " yet" : "")") }
            return
        }
        let following = LogFollowing(
            client: client,
            detail: detail,
            run: run,
            lines: lines,
            stage: stage,
            step: step,
            offsets: reading.offsets
        )
        try await following.follow()
    }

    private static func index(of step: String, in stage: StageView) throws -> Int {
        if let named = stage.steps.first(where: { $0.name == step }) { return named.index }
        if let number = Int(step), let numbered = stage.steps.first(where: { $0.index == number - 1 }) {
            return numbered.index
        }
        let names = stage.steps.map(\.name)
        throw RunnerError(
            .input,
            "stage `\(stage.name)` has no step `\(step)`",
            why: "it has \(names.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", "))",
            hint: DidYouMean.hint(for: step, among: names)
        )
    }
}
