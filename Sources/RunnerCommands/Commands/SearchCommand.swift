import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner search`: a text in the logs of all runs.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find a text in the logs of all runs, the newest first."
    )

    @Argument(help: "What to look for, as it stands.")
    var text: String

    @Option(name: .long, help: "Only in runs of this repository.")
    var repository: String?

    @Option(name: .long, help: "Only in runs made since: 2h, 7d, 2026-11-20.")
    var since: String?

    @Option(name: .long, help: "Stop after so many lines.")
    var limit: Int = 200

    @OptionGroup var daemon: DaemonOptions

    mutating func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): at least one line") }
    }

    mutating func run() async throws {
        let since = try since.map { APIJSON.text(of: try TimeOption.past($0)) }
        try await daemon.answer {
            try await find($0, since: since)
        } show: { answer in
            let paint = Paint.ofOutput
            for match in answer.matches {
                let place = "run \(match.run)  \(match.pipeline)/\(match.stage)".forTerminal
                Console.result("\(paint.dim("\(place):")) \(match.line.forTerminal)")
            }
            let lines = "\(answer.matches.count) line\(answer.matches.count == 1 ? "" : "s")"
            let rest = answer.next == nil ? "" : "; there may be more: --limit"
            Console.error("\(lines) in \(answer.runs) run\(answer.runs == 1 ? "" : "s")\(rest)")
        }
    }

    /// The daemon bounds each answer: asked again until there is nothing more.
    private func find(_ client: RunnerClient, since: String?) async throws -> SearchAnswer {
        var all = SearchAnswer(matches: [], runs: 0)
        var before: Int64?
        repeat {
            let part = try await client.search(text, repository: repository, since: since, before: before)
            all.matches += part.matches
            all.runs += part.runs
            // An answer that leads nowhere new is the last.
            all.next = part.next == before ? nil : part.next
            before = all.next
        } while before != nil && all.matches.count < limit
        all.matches.removeLast(max(0, all.matches.count - limit))
        return all
    }
}
