import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// What a person needs to see of a failed stage: the last lines, the status in words, and how to get it again.
struct FailureReport {
    private static let lineCount = 20

    let result: StageResult
    let directory: RunDirectory
    /// The command line that runs just this stage again.
    let reproduction: String

    /// `nil` for a stage that did not fail.
    init?(_ result: StageResult, directory: RunDirectory, pipeline: String, selectors: [String]) {
        guard result.outcome.isFailure else { return nil }
        self.result = result
        self.directory = directory
        let command =
            ["runner", "local"] + (selectors.first == "--run" ? [] : ["--pipeline", ShellText.quoted(pipeline)])
            + selectors
            + ["--stage", ShellText.quoted(result.stage.description)]
        reproduction = command.joined(separator: " ")
    }

    func text(_ paint: Paint) -> String {
        var lines = ["", "\(paint.bold(result.stage.description)): \(paint.outcome(result.outcome))"]
        if let reason = result.reason { lines.append("  why: \(reason)") }
        if let step = result.steps.first(where: { $0.outcome.isFailure }), let log = step.log {
            let path = directory.stage(result.stage).path.appending(log)
            lines += LogTail.last(Self.lineCount, of: path).map { "  | \($0)" }
            lines.append("  log: \(path)")
        }
        if let workspace = result.keptWorkspace { lines.append("  workspace: \(workspace)") }
        lines.append("  try: \(reproduction)")
        if result.keptWorkspace != nil { lines.append("       with --shell-on-failure for a shell where it failed") }
        return lines.joined(separator: "\n")
    }
}
