import Git
import RunnerCore
import RunnerExecution
import RunnerStore

/// The lines that scroll up above the live ones: how the run began, what has ended, and how it all ended.
struct LiveHistory {
    let columns: Int
    let style: LiveStyle
    /// Columns for the names of stages.
    let nameColumn: Int

    init(stages: [StageID], columns: Int, style: LiveStyle) {
        self.columns = max(1, columns - 1)
        self.style = style
        let widest = stages.map { LiveText.width(style.clean($0.description)) }.max() ?? 0
        nameColumn = min(widest, max(6, columns * 2 / 5))
    }

    func begin(_ header: RunHeader) -> [String] {
        let event = header.plan.event
        var line = LiveLine()
        line.add("run \(header.directory.number): ", .dim)
        line.add(style.clean(header.plan.pipeline), .bold)
        let commit = event.commit.map { " at \($0.short)" } ?? ""
        let changed = event.isWorkingTree ? " with changes" : ""
        let rest = " (\(style.clean(header.plan.reason)))\(commit)\(changed)"
        let notes = header.isolationNote.map { text("note: \($0)", .dim, indent: 2) } ?? []
        return finish(line, rest, .dim, indent: 2) + notes
    }

    func lines(_ permanent: LiveState.Permanent) -> [String] {
        switch permanent {
        case .note(let note): text("note: \(note)", .yellow, indent: 2)
        case .stage(let result, let notes): stage(result) + notes.flatMap { text("  \($0)", .dim, indent: 4) }
        }
    }

    func end(_ result: RunResult) -> [String] {
        var line = LiveLine()
        let tint = style.tint(result.outcome)
        line.add("\(style.mark(result.outcome)) \(result.outcome.words)", tint == .dim ? .plain : tint)
        let rest = " in \(Duration.seconds(result.seconds).brief): \(OutcomeSummary(result.stages))"
        return finish(line, rest, .plain, indent: 2)
    }

    private func stage(_ result: StageResult) -> [String] {
        let tint = style.tint(result.outcome)
        var line = LiveLine()
        line.add("\(style.mark(result.outcome)) ", tint)
        let isQuiet = result.outcome == .skipped || result.reusedFrom != nil
        line.add(LiveText.padded(style.clean(result.stage.description), to: nameColumn), isQuiet ? .dim : .plain)
        let time = result.outcome == .skipped ? "" : Duration.seconds(result.seconds).brief
        line.add(String(repeating: " ", count: max(1, 8 - time.count)) + time, isQuiet ? .dim : .plain)
        var words: [String] = []
        if result.outcome != .succeeded { words.append(result.outcome.words) }
        if let run = result.reusedFrom { words.append("reused from run \(run)") }
        if let reason = result.reason { words.append(style.clean(reason)) }
        guard !words.isEmpty else { return [line.text(columns: columns, style: style)] }
        return finish(line, "  " + words.joined(separator: ": "), result.outcome.isFailure ? tint : .dim, indent: 4)
    }

    private func text(_ text: String, _ tint: LiveStyle.Tint, indent: Int) -> [String] {
        let spaces = text.prefix { $0 == " " }
        var start = LiveLine()
        start.add(String(spaces))
        return finish(start, style.clean(String(text.dropFirst(spaces.count))), tint, indent: indent)
    }

    /// The start and as much of the rest as fits, the remainder on lines of its own.
    private func finish(_ start: LiveLine, _ rest: String, _ tint: LiveStyle.Tint, indent: Int) -> [String] {
        var line = start
        guard start.width + LiveText.width(rest) > columns else {
            line.add(rest, tint)
            return [line.text(columns: columns, style: style)]
        }
        let spaces = String(rest.prefix { $0 == " " })
        let words = String(rest.dropFirst(spaces.count))
        let room = columns - start.width - spaces.count
        let isIndented = columns > indent + 8
        // A column too narrow to read is left empty.
        let head = room >= min(20, columns / 3) ? LiveText.wrapped(words, to: room).first ?? "" : ""
        if !head.isEmpty { line.add(spaces + head, tint) }
        let tail = LiveText.wrapped(String(words.dropFirst(head.count)), to: columns - (isIndented ? indent : 0))
        let others = tail.map { text -> LiveLine in
            var other = LiveLine()
            other.add((isIndented ? String(repeating: " ", count: indent) : "") + text, tint)
            return other
        }
        return ([line] + others).map { $0.text(columns: columns, style: style) }
    }
}
