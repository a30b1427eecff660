import ArgumentParser
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// `runner lint`: everything that is wrong with pipelines and configuration, at once.
struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check pipelines and configuration, and say all that is wrong at once.",
        discussion: """
            Without files: `pipelines/*.yml` and `runner-config/runner.yml` of the working directory around, as they
            stand on the disk.
            """
    )

    @Argument(help: "Files to check.")
    var files: [String] = []

    @Option(name: .long, help: "What the files are: pipeline or config. Default: by their path.")
    var kind: FileKind?

    @Option(name: [.customShort("C"), .long], help: "Work as if started in this directory.")
    var directory: String = "."

    @Flag(name: .long, help: "Count warnings as errors.")
    var strict = false

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() throws {
        let place = FilePath(directory).absolute
        let sources = LintSources(around: place)
        let run =
            files.isEmpty
            ? try LintRun(everythingIn: sources) : LintRun(files, kind: kind, in: sources, from: place)
        let report = LintReport(files: run.files, diagnostics: run.diagnostics)
        if json {
            Console.result(String(decoding: try JSON.encode(report, pretty: true), as: UTF8.self))
        } else {
            show(run, report)
        }
        if report.errors > 0 || (strict && report.warnings > 0) { throw CommandEnd(code: .badInput) }
    }

    private func show(_ run: LintRun, _ report: LintReport) {
        let text = DiagnosticText(
            paint: Paint(isOn: Console.isStyled(STDOUT_FILENO)),
            layout: TextLayout(fitting: STDOUT_FILENO),
            sources: run.sources,
            showsLines: isatty(STDOUT_FILENO) == 1
        )
        for diagnostic in run.diagnostics { Console.result(text.text(diagnostic)) }
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let files = count(report.files.count, "file")
        Console.error("\(files): \(count(report.errors, "error")), \(count(report.warnings, "warning"))")
    }
}
