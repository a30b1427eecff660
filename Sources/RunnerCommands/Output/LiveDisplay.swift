import CLinux
import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// The stage graph on a terminal: what has ended scrolls up, what runs and what is to come stand below it.
final class LiveDisplay: RunDisplay, @unchecked Sendable {
    // Unchecked: the session calls from one task at a time, and nothing else holds the display.
    private let output: Int32
    private let style: LiveStyle
    private var header: RunHeader?
    private var state: LiveState?
    private var logs: [StageID: LiveLogEnd] = [:]
    private var history: [String] = []
    private var drawn: [String] = []
    private var drawnSize: TerminalSize?
    private var drawnAt = ContinuousClock.now - .seconds(1)
    private var cursorGuard: LiveCursorGuard?

    /// `nil` where there is no terminal that could show it.
    init?(output: Int32 = STDOUT_FILENO, style: LiveStyle = .ofEnvironment()) {
        let terminal = getenv("TERM").map { String(cString: $0) } ?? ""
        guard isatty(output) == 1, !["", "dumb"].contains(terminal) else { return nil }
        self.output = output
        self.style = style
    }

    /// A run that could not be followed to its end leaves the terminal as it was, too.
    deinit { if cursorGuard != nil { Console.write("\(LiveScreen.restore)", to: output) } }

    func begin(_ header: RunHeader) {
        self.header = header
        state = LiveState(plan: header.plan, startedAt: header.startedAt)
        let lines = historyLines(size).begin(header)
        Console.write(lines.map { $0 + "\n" }.joined(), to: output)
    }

    func show(_ record: RunRecord) {
        let permanent = state?.apply(record)
        switch record.happening {
        // Another attempt has logs of the same names.
        case .stageStarted, .stageFinished: if let stage = record.stage { logs[stage] = nil }
        case .cancelRequested, .deploymentWanted, .granted, .wants: break
        case .runStarted, .stepStarted, .stepFinished, .note, .runFinished: if permanent == nil { return }
        }
        guard let permanent else { return draw(after: .milliseconds(20)) }
        history += historyLines(size).lines(permanent)
        draw(after: .milliseconds(20))
    }

    func tick() { draw(after: .milliseconds(90)) }

    func end(_ result: RunResult) {
        let lines = history + historyLines(size).end(result)
        Console.write(LiveScreen.end(history: lines), to: output)
        history = []
        cursorGuard = nil
    }

    /// Draws what is new, unless the frame before is younger than `age`: then the next tick will.
    private func draw(after age: Duration) {
        guard ContinuousClock.now - drawnAt >= age else { return }
        let size = size
        readLogs(size)
        guard let frame = frame(size) else { return }
        let lines = frame.lines
        guard lines != drawn || size != drawnSize || !history.isEmpty else { return }
        if cursorGuard == nil { cursorGuard = LiveCursorGuard() }
        Console.write(LiveScreen.frame(history: history, live: lines), to: output)
        history = []
        drawn = lines
        drawnSize = size
        drawnAt = .now
    }

    private func frame(_ size: TerminalSize) -> LiveFrame? {
        state.map { LiveFrame(state: $0, size: size, now: Date(), style: style) }
    }

    /// Only of the stages that there is room for.
    private func readLogs(_ size: TerminalSize) {
        guard let header, let shown = frame(size)?.shown else { return }
        for running in shown {
            guard case .step(_, _, let name) = running.phase else { continue }
            let path = header.directory.stage(running.stage).path.appending(name)
            let log = logs[running.stage].flatMap { $0.path == path ? $0 : nil } ?? LiveLogEnd(path)
            logs[running.stage] = log
            state?.setLastLine(log.look(isUnicode: style.isUnicode), of: running.stage)
        }
    }

    private func historyLines(_ size: TerminalSize) -> LiveHistory {
        LiveHistory(stages: state?.stages ?? [], columns: size.columns, style: style)
    }

    /// Asked each time: no signal is needed to learn of another size.
    private var size: TerminalSize {
        var (rows, columns) = (Int32(0), Int32(0))
        guard runner_terminal_size(output, &rows, &columns) == 0, rows > 0, columns > 0 else {
            return TerminalSize(rows: 24, columns: 80)
        }
        return TerminalSize(rows: Int(rows), columns: Int(columns))
    }
}
