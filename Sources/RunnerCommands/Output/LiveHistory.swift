import Git
import RunnerCore
import RunnerExecution
import RunnerStore

/// The lines that scroll up above the live ones: how the run began, what has ended, and how it all ended.
struct LiveHistory {
    let columns: Int
    let style: LiveStyle
    private static let indent = 4
    /// Columns for the names of stages.
    let nameColumn: Int

    init(stages: [StageID], columns: Int, style: LiveStyle) {
        self.columns = max(1, columns - 1)
        self.style = style
        nameColumn = style.nameColumn(stages, columns: columns)
    }

    func begin(_ header: RunHeader) -> [String] {
        let event = header.plan.event
        var line = LiveLine()
        line.add("run \(header.directory.number): ", .dim)
        line.add(style.clean(header.plan.pipeline), .bold)
        let commit = event.commit.map { " at \($0.short)" } ?? ""
        let changed = event.isWorkingTree ? " with changes" : ""
        let rest = " (\(style.clean(header.plan.reason)))\(commit)\(changed)"
        let notes = header.isolationNote.map { text("note: \($0)", .dim) } ?? []
        return finish(line, rest, .dim) + notes
    }

    func lines(_ permanent: LiveState.Permanent) -> [String] {
        switch permanent {
        case .note(let note): text("note: \(note)", .yellow)
        case .stage(let result, let notes): stage(result) + notes.flatMap { text("  \($0)", .dim) }
        }
    }

    func end(_ result: RunResult) -> [String] {
        var line = LiveLine()
        let tint = style.tint(result.outcome)
        line.add("\(style.mark(result.outcome)) \(result.outcome.words)", tint == .dim ? .plain : tint)
        let rest = " in \(Duration.seconds(result.seconds).brief): \(OutcomeSummary(result.stages))"
        return finish(line, rest, .plain)
    }

    private func stage(_ result: StageResult) -> [String] {
        let tint = style.tint(result.outcome)
        var line = LiveLine()
        line.add("\(style.mark(result.outcome)) ", tint)
        let isQuiet = result.outcome == .skipped || result.reusedFrom != nil
        // A long name may move the time along, not away.
        let room = max(nameColumn, columns - line.width - 8)
        let name = LiveText.cut(style.clean(result.stage.description), to: room, ellipsis: style.ellipsis)
        line.add(LiveText.padded(name, to: nameColumn), isQuiet ? .dim : .plain)
        let time = result.outcome == .skipped ? "" : Duration.seconds(result.seconds).brief
        line.add(String(repeating: " ", count: max(1, 8 - time.count)) + time, isQuiet ? .dim : .plain)
        var words: [String] = []
        if result.outcome != .succeeded { words.append(result.outcome.words) }
        if let run = result.reusedFrom { words.append("reused from run \(run)") }
        if let reason = result.reason { words.append(style.clean(reason)) }
        guard !words.isEmpty else { return [line.text(columns: columns, style: style)] }
        return finish(line, "  " + words.joined(separator: ": "), result.outcome.isFailure ? tint : .dim)
    }

    private func text(_ text: String, _ tint: LiveStyle.Tint) -> [String] {
        let spaces = text.prefix { $0 == " " }
        var start = LiveLine()
        start.add(String(spaces))
        return finish(start, style.clean(String(text.dropFirst(spaces.count))), tint)
    }

    /// The start and the rest, which goes on in lines of its own where it has to: below itself, or below the start where
    /// there is too little room beside it.
    private func finish(_ start: LiveLine, _ rest: String, _ tint: LiveStyle.Tint) -> [String] {
        let gap = rest.prefix { $0 == " " }.count
        let isBeside = columns - start.width - gap >= max(24, LiveText.width(rest) / 4)
        let margin = isBeside ? start.width + gap : columns > 2 * Self.indent ? Self.indent : 0
        var lines = [start]
        for (index, text) in LiveText.wrapped(rest, to: columns - margin).enumerated() {
            if index > 0 || !isBeside { lines.append(LiveLine()) }
            let last = lines.count - 1
            lines[last].add(String(repeating: " ", count: margin - lines[last].width))
            lines[last].add(text, tint)
        }
        return lines.map { $0.text(columns: columns, style: style) }
    }
}
