import Git
import Glibc
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Lines, each prefixed by its stage: for files, pipes and other programs.
final class PlainDisplay: RunDisplay, @unchecked Sendable {
    // Unchecked: the session calls from one task at a time, and nothing else holds the display.
    private let isQuiet: Bool
    private let output: Int32
    private var header: RunHeader?
    private var tails: [StageID: LogTail] = [:]
    private let paint: Paint

    init(isQuiet: Bool, output: Int32 = STDOUT_FILENO) {
        self.isQuiet = isQuiet
        self.output = output
        paint = Paint(isOn: Console.isStyled(output))
    }

    func begin(_ header: RunHeader) {
        self.header = header
        let commit = header.plan.event.commit.map { " at \($0.short)" } ?? ""
        let changed = header.plan.event.isWorkingTree ? " with changes" : ""
        let what = "\(header.plan.pipeline) (\(header.plan.reason))".forTerminal
        line("run \(header.directory.number): \(what)\(commit)\(changed)")
        if let note = header.isolationNote { line("note: \(note.forTerminal)") }
    }

    func show(_ record: RunRecord) {
        guard let stage = record.stage else {
            if case .cancelRequested(let reason) = record.happening { line("\(reason.forTerminal): stages are ending") }
            if case .note(let note) = record.happening { line("note: \(note.forTerminal)") }
            return
        }
        switch record.happening {
        case .stepStarted(_, let name, let log):
            if !isQuiet { line(stage, paint.dim("> \(name.forTerminal)")) }
            guard let header, !isQuiet else { return }
            tails[stage] = LogTail(header.directory.stage(stage).path.appending(log))
        case .stepFinished: drain(stage, isLast: true)
        case .stageFinished(let result):
            drain(stage, isLast: true)
            line(stage, words(result))
        case .note(let note): line(stage, paint.dim(note.forTerminal))
        case .stageStarted, .runStarted, .cancelRequested, .deploymentWanted, .granted, .wants, .runFinished: break
        }
    }

    func tick() { for stage in tails.keys.sorted() { drain(stage, isLast: false) } }

    func end(_ result: RunResult) {
        let summary = OutcomeSummary(result.stages)
        line("\(paint.outcome(result.outcome)) in \(Duration.seconds(result.seconds).brief): \(summary)")
    }

    private func drain(_ stage: StageID, isLast: Bool) {
        guard let tail = tails[stage] else { return }
        let prefix = Array("[\(stage.description.forTerminal)] ".utf8)
        var text: [UInt8] = []
        tail.lines(isLast: isLast) { line in
            text += prefix
            text += paint.isOn ? TerminalText.colored(line) : Array(line)
            text.append(UInt8(ascii: "\n"))
            if text.count > 1 << 18 {
                Console.write(text, to: output)
                text.removeAll(keepingCapacity: true)
            }
        }
        Console.write(text, to: output)
        if isLast { tails[stage] = nil }
    }

    private func words(_ result: StageResult) -> String {
        var text = paint.outcome(result.outcome)
        if result.outcome != .skipped { text += " in \(Duration.seconds(result.seconds).brief)" }
        if let run = result.reusedFrom { text += " (reused from run \(run))" }
        if let reason = result.reason { text += ": \(reason.forTerminal)" }
        return text
    }

    private func line(_ stage: StageID, _ text: String) { line("[\(stage.description.forTerminal)] \(text)") }

    private func line(_ text: String) { Console.write(text + "\n", to: output) }
}
