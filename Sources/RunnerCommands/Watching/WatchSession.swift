import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore

/// A run of a daemon, shown as it goes on, to its exit code.
struct WatchSession {
    enum Style: Sendable, Hashable {
        case people(isQuiet: Bool)
        /// One JSON object per line: `run`, each `record`, and `run` again at the end.
        case json
    }

    let client: RunnerClient
    let number: RunNumber
    let style: Style

    func run() async throws -> RunnerCore.ExitCode {
        let detail = try await client.run(number)
        switch style {
        case .json: return try await printLines(detail)
        case .people(let isQuiet):
            // It ended before it began, and nothing of it can be followed.
            if detail.run.outcome != nil, detail.run.startedAt == nil { return refused(detail) }
            let plan = try await client.bundle(of: number).plan
            let showing = try RunShowing(client, number, detail, plan, isQuiet: isQuiet)
            defer { showing.close() }
            guard let (result, summary) = try await showing.run() else { return interrupted() }
            report(result, summary)
            return RunnerCore.ExitCode(result.outcome)
        }
    }

    private func refused(_ detail: RunDetail) -> RunnerCore.ExitCode {
        Console.result(RunDetailText(paint: .ofOutput, layout: .ofOutput).text(detail))
        return RunnerCore.ExitCode(detail.run.outcome ?? .errored)
    }

    private func interrupted() -> RunnerCore.ExitCode {
        Console.error("stopped watching; run \(number) goes on: `runner watch \(number)`, `runner cancel \(number)`")
        return .canceled
    }

    private func printLines(_ detail: RunDetail) async throws -> RunnerCore.ExitCode {
        try Console.line(["run": detail.run])
        for try await news in RunEventFeed(client, run: number) {
            switch news {
            case .record(_, let line): Console.result("{\"record\":\(line)}")
            case .ended(let summary):
                try Console.line(["run": summary])
                return RunnerCore.ExitCode(summary.outcome ?? .errored)
            }
        }
        throw Self.cutOff
    }

    /// What is wrong, and how to look closer.
    private func report(_ result: RunResult, _ summary: RunSummary) {
        if let other = summary.supersededBy { Console.error("superseded by run \(other): runner watch \(other)") }
        if result.stages.isEmpty, let reason = summary.reason { Console.error("  why: \(reason)") }
        let paint = Paint(isOn: Console.isStyled(2))
        for stage in result.stages where stage.outcome.isFailure {
            let name = stage.stage.description
            Console.error("\n\(paint.bold(name.forTerminal)): \(paint.outcome(stage.outcome))")
            if let reason = stage.reason { Console.error("  why: \(reason.forTerminal)") }
            Console.error("  try: runner logs \(number) \(ShellText.quoted(name))")
            if stage.keptWorkspace != nil { Console.error("       runner shell \(number) \(ShellText.quoted(name))") }
        }
    }

    static let cutOff = RunnerError(
        .errored,
        "cannot follow the run any more",
        why: "the daemon ended the stream before it"
    )
}
