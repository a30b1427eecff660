import FoundationEssentials
import RunnerCore

/// Rows and columns of a terminal.
struct TerminalSize: Sendable, Hashable {
    let rows: Int
    let columns: Int
}

/// What is drawn below the lines that scroll: a pure function of what is known, the size and the time.
struct LiveFrame {
    let state: LiveState
    let size: TerminalSize
    let now: Date
    let style: LiveStyle

    /// At most one line less than the terminal has rows, each narrower than it by one column: a full line would leave
    /// the cursor where terminals disagree.
    var lines: [String] {
        let columns = max(1, size.columns - 1)
        return fitted.map { $0.text(columns: columns, style: style) }
    }

    /// The stages whose logs the frame has room to show.
    var shown: ArraySlice<LiveState.Running> { state.running.prefix(plan.running) }

    // MARK: - Which lines

    private struct Rows {
        var hasSpace = false
        var hasPending = false
        var running = 0
        var hasMore = false
    }

    /// The summary comes first, then one stage, what is pending, more stages, and the empty line.
    private var plan: Rows {
        var rows = Rows()
        var left = max(1, size.rows - 1) - 1
        let wanted = state.running.count
        rows.running = min(wanted, left)
        left -= rows.running
        if !state.pending.isEmpty, left > 0 || rows.running > 1 {
            rows.hasPending = true
            if left > 0 { left -= 1 } else { rows.running -= 1 }
        }
        if rows.running < wanted, rows.running > 1 {
            rows.hasMore = true
            rows.running -= 1
        }
        rows.hasSpace = left > 0
        return rows
    }

    private var fitted: [LiveLine] {
        let plan = plan
        var lines: [LiveLine] = plan.hasSpace ? [LiveLine()] : []
        let shown = state.running.prefix(plan.running)
        let column = nameColumn(shown)
        lines += shown.map { line($0, nameColumn: column) }
        if plan.hasMore {
            var more = LiveLine()
            more.add("  + \(state.running.count - plan.running) more running", .dim)
            lines.append(more)
        }
        if plan.hasPending { lines.append(pendingLine) }
        lines.append(summary)
        return lines
    }

    // MARK: - Lines

    /// Wide enough for the names shown, and never more than two fifths of the terminal.
    private func nameColumn(_ shown: ArraySlice<LiveState.Running>) -> Int {
        let widest = shown.map { LiveText.width(style.clean($0.stage.description)) }.max() ?? 0
        return min(widest, max(6, size.columns * 2 / 5))
    }

    private func line(_ running: LiveState.Running, nameColumn: Int) -> LiveLine {
        var line = LiveLine()
        line.add("\(style.running) ", .cyan)
        let name = LiveText.cut(style.clean(running.stage.description), to: nameColumn, ellipsis: style.ellipsis)
        line.add(LiveText.padded(name, to: nameColumn), .bold)
        let elapsed = Self.clock(from: running.startedAt, to: now)
        line.add(String(repeating: " ", count: max(1, 7 - elapsed.count)) + elapsed)
        // Less than a word of what goes on is noise.
        guard size.columns - line.width >= 10 else { return line }
        line.add("  ")
        if running.attempt > 1 { line.add("attempt \(running.attempt)\(style.separator)", .yellow) }
        switch running.phase {
        case .preparing: line.add("preparing", .dim)
        case .finishing: line.add("finishing", .dim)
        case .step(let index, let name, _): add(index, name, running, to: &line)
        }
        return line
    }

    private func add(_ index: Int, _ name: String, _ running: LiveState.Running, to line: inout LiveLine) {
        let room = size.columns - 1 - line.width
        let count = state.stepCounts[running.stage] ?? 0
        let place = count > 1 ? "\(index + 1)/\(count) " : ""
        let step = place + style.clean(name)
        guard !running.lastLine.isEmpty else { return line.add(step) }
        // The name of a step may be its whole script; what it says now matters more.
        line.add(LiveText.cut(step, to: max(8, room / 3), ellipsis: style.ellipsis))
        line.add("  " + running.lastLine, .dim)
    }

    private var pendingLine: LiveLine {
        var line = LiveLine()
        line.add("\(style.pending) \(state.pending.count) pending", .dim)
        let room = size.columns - 1 - line.width
        var names = ": "
        for (index, stage) in state.pending.enumerated() {
            let next = names + (index == 0 ? "" : ", ") + style.clean(stage.description)
            let isLast = index == state.pending.count - 1
            guard LiveText.width(next) + (isLast ? 0 : 2 + style.ellipsis.count) <= room else {
                if index > 0 { line.add(names + ", " + style.ellipsis, .dim) }
                return line
            }
            names = next
        }
        line.add(names, .dim)
        return line
    }

    /// The fullest that fits.
    private var summary: LiveLine {
        let clock = Self.clock(from: state.startedAt, to: now)
        let failed = state.outcomes.count { $0.isFailure }
        let done = "\(state.outcomes.count)/\(state.stages.count)"
        let parts: [(text: String, tint: LiveStyle.Tint, rank: Int)] = [
            ("\(done) done", .bold, 0), ("\(state.running.count) running", .plain, 2),
            (failed > 0 ? "\(failed) failed" : "", .red, 1), (state.isCanceling ? "canceling" : "", .yellow, 1),
            (clock, .plain, 0),
        ]
        for rank in [2, 1, 0] {
            var line = LiveLine()
            for part in parts where part.rank <= rank && !part.text.isEmpty {
                line.add(line.width == 0 ? "  " : style.separator, .dim)
                line.add(part.text, part.tint)
            }
            if line.width < size.columns { return line }
        }
        var line = LiveLine()
        line.add("\(done) \(clock)")
        return line
    }

    /// `0:41`, `12:03`, `1:02:03`.
    static func clock(from start: Date, to now: Date) -> String {
        // Clocks of machines go back at times.
        let seconds = max(0, Int(now.timeIntervalSince(start)))
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let end = ":\(padded(seconds % 60))"
        return hours > 0 ? "\(hours):\(padded(minutes))\(end)" : "\(minutes)\(end)"
    }
}
