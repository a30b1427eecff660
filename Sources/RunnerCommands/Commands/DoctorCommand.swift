import ArgumentParser
import Glibc
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore
import SystemPackage

/// `runner doctor`: what this machine offers, what is missing, what follows, and how to get it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine offers, what is missing, and how to get it.",
        discussion: "Ends with 0 where stages can run at all, with or without a sandbox, and with 3 where they cannot."
    )

    @OptionGroup var places: PlaceOptions

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    mutating func run() async throws {
        let state = try places.stateDirectory()
        let place = ToolChecks.state(state)
        let isolation = IsolationProbe(state: state).examine()
        let store = try places.configuration().store
        let sharing = if let store { [await StoreChecks.check(store)] } else { [MachineCheck]() }
        let checks = [place] + SandboxChecks.all(isolation) + ToolChecks.git() + [ToolChecks.images()] + sharing
        let report = DoctorReport(
            runs: !checks.contains { $0.state == .broken },
            sandbox: isolation.canSandbox,
            checks: checks
        )
        if json {
            Console.result(String(decoding: try JSON.encode(report, pretty: true), as: UTF8.self))
        } else {
            show(report)
        }
        if !report.runs { throw CommandEnd(code: .errored) }
    }

    private func show(_ report: DoctorReport) {
        let paint = Paint(isOn: Console.isStyled(STDOUT_FILENO))
        let layout = TextLayout(fitting: STDOUT_FILENO)
        for check in report.checks {
            let mark = check.state == .ok ? "ok" : "no"
            let padding = String(repeating: " ", count: max(1, 12 - check.name.count))
            Console.result(layout.paragraph("\(mark)  \(check.name)\(padding)", check.found.forTerminal))
            if let consequence = check.consequence {
                Console.result(layout.paragraph("      so:", consequence, paint: paint.dim))
            }
            if let remedy = check.remedy { Console.result(layout.paragraph("      try:", remedy, paint: paint.dim)) }
        }
        Console.result("")
        let sandbox = report.sandbox ? "yes" : "no"
        Console.result(paint.bold("sandbox: \(sandbox)") + (report.runs ? "" : ", and stages cannot run at all"))
    }
}
