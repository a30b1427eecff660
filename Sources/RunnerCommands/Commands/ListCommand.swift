import ArgumentParser
import RunnerAPI
import RunnerCore

/// `runner list`: the server's runs, the newest first.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the server's runs, the newest first."
    )

    @Option(name: .long, help: "Only of this repository.")
    var repository: String?

    @Option(name: .long, help: "Only of this pipeline.")
    var pipeline: String?

    @Option(name: .long, help: "Only of this branch or tag; `*` stands for any text.")
    var ref: String?

    @Option(name: .long, help: "Only those that ended so; may be given again.")
    var outcome: [Outcome] = []

    @Flag(name: .long, help: "Only those that have not ended.")
    var open = false

    @Option(name: .long, help: "Only those made since: 2h, 7d, 2026-11-20.")
    var since: String?

    @Option(name: .long, help: "At most so many.")
    var limit: Int = 30

    @Option(name: .long, help: "Only those before this run: the next page.")
    var before: Int64?

    @OptionGroup var daemon: DaemonOptions

    mutating func validate() throws {
        if !(1...1000).contains(limit) { throw ValidationError("--limit \(limit): it is from 1 to 1000") }
    }

    mutating func run() async throws {
        let query = try query()
        try await daemon.answer {
            try await $0.runs(query)
        } show: { page in
            guard !page.items.isEmpty else { return Console.error("no run") }
            Console.table(RunText(paint: .ofOutput).table(page.items))
            if let next = page.next { Console.error("there are more: --before \(next)") }
        }
    }

    private func query() throws -> RunQuery {
        var query = RunQuery()
        (query.repository, query.pipeline, query.ref) = (repository, pipeline, ref)
        (query.outcomes, query.isOpen) = (outcome, open ? true : nil)
        query.since = try since.map(TimeOption.past)
        (query.before, query.limit) = (before, limit)
        return query
    }
}
