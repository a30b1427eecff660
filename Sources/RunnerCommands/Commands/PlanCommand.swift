import ArgumentParser
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore

/// `runner plan`: what `runner local` would do with the same selectors, without doing it.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what would run, what not, and why, without running it."
    )

    @OptionGroup var selectors: SelectorOptions
    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() async throws {
        do {
            try await show()
        } catch let error as DiagnosticsError where json {
            let report = LintReport(files: [], diagnostics: error.diagnostics)
            Console.result(String(decoding: try JSON.encode(report, pretty: true), as: UTF8.self))
            throw CommandEnd(code: .badInput)
        }
    }

    private func show() async throws {
        let configuration = try places.configuration()
        let project = try places.project()
        let planning = try await LocalPlanning.make(selectors.request, in: project)
        var previews: [String: PlanPreview] = [:]
        for plan in planning.plans {
            previews[plan.pipeline] = try await PlanPreview(plan, in: project, protected: configuration.protected)
        }
        let report = try PlanReport(planning, previews, limits: configuration.limits)
        if json {
            Console.result(String(decoding: try JSON.encode(report, pretty: true), as: UTF8.self))
            return
        }
        for note in report.notes { Console.error("note: \(note.forTerminal)") }
        for warning in report.warnings { Console.error("\(warning)".forTerminal) }
        let paint = Paint(isOn: Console.isStyled(STDOUT_FILENO))
        Console.result(PlanText(paint: paint, layout: TextLayout(fitting: STDOUT_FILENO)).text(report))
    }
}
