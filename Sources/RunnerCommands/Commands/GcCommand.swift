import ArgumentParser
import RunnerCore
import RunnerStore

/// `runner gc`: keep a daemon's state directory within its budgets, now.
struct GcCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Take away what is too old or too much, and say why each goes or stays.",
        discussion: """
            The daemon does so by itself; this does it now, with the daemon running or not, as its user. What a run needs
            is never taken. It works with no byte free.
            """
    )

    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Only say what would go.")
    var dryRun = false

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() async throws {
        let state = try places.daemonState(to: "clean up")
        let database = try RunnerDatabase(at: state.database)
        let options = try places.configuration().server
        let report = try await Eviction(state, database, options).run(isDryRun: dryRun)
        try database.close()
        if json { return try Console.document(report) }
        show(report)
    }

    private func show(_ report: EvictionReport) {
        let paint = Paint.ofOutput
        let verb = report.isDryRun ? "would go" : "removed"
        func rows(_ lines: [EvictionReport.Line], _ verdict: String) -> [[TextTable.Cell]] {
            lines.map { line in
                [
                    .init(verdict, paint: paint.bold), .init(line.dataClass.rawValue),
                    .init(ByteCount.words(line.bytes)), .init("\(line.why): \(line.path)"),
                ]
            }
        }
        let all = rows(report.removed, verb) + rows(report.kept, "stays")
        if !all.isEmpty { Console.table(TextTable(rows: all)) }
        let totals = report.totals.map { total -> [TextTable.Cell] in
            [.init(total.dataClass.rawValue), .init("\(total.items)"), .init(ByteCount.words(total.bytes))]
        }
        if !all.isEmpty { Console.result("") }
        Console.table(TextTable(["CLASS", "HAD", "BYTES"], rows: totals))
        for problem in report.problems { Console.error("not removed: \(problem.forTerminal)") }
        Console.error("\(ByteCount.words(report.removedBytes)) \(verb)")
    }
}

extension PlaceOptions {
    /// The state directory, which must be a daemon's.
    func daemonState(to verb: String) throws -> StateDirectory {
        let state = try stateDirectory()
        guard FileSystem.exists(state.database) else {
            throw RunnerError(
                .input,
                "cannot \(verb)",
                why: "`\(state.path)` is no daemon's state directory: it has no `runner.db`",
                hint: "name the one that `runner status` shows: `--state DIRECTORY`"
            )
        }
        return state
    }
}
