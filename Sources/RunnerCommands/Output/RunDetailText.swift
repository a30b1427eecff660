import FoundationEssentials
import RunnerAPI
import RunnerCore

/// Everything that is known of a run, for people: what it is, why, how each stage went, what to do next.
struct RunDetailText {
    let paint: Paint
    let layout: TextLayout
    var time = TimeText()

    func text(_ detail: RunDetail) -> String {
        var lines = [heading(detail.run)] + facts(detail)
        let stages = detail.stages.filter { !$0.isFinally }
        let finally = detail.stages.filter(\.isFinally)
        if !stages.isEmpty { lines += ["", table(stages)] }
        if !finally.isEmpty { lines += ["", paint.bold("finally"), table(finally)] }
        let next = next(detail)
        if !next.isEmpty { lines += [""] + next.map { "  \(paint.dim("try:")) \($0)" } }
        return lines.joined(separator: "\n")
    }

    private func heading(_ run: RunSummary) -> String {
        let status = RunText(paint: paint, time: time).status(run.status, run.outcome)
        let length = run.duration(at: time.now).map { " \(run.finishedAt == nil ? "for" : "in") \($0.brief)" } ?? ""
        let name = paint.bold(run.pipeline.forTerminal)
        return "run \(run.number): \(name) of \(run.repository.forTerminal)  \(status.paint(status.text))\(length)"
    }

    // MARK: - Facts

    private func facts(_ detail: RunDetail) -> [String] {
        let run = detail.run
        var facts: [(String, String?)] = [
            ("ref", "\(run.shortRef)\(run.commit == nil ? "" : " at \(run.shortCommit)")"),
            ("commit", run.message.isEmpty ? nil : "\(run.message) (\(run.author))"),
            ("because", run.cause), ("reason", run.reason),
            ("superseded by", run.supersededBy.map { "run \($0)" }), ("repeats", run.rerunOf.map { "run \($0)" }),
            ("is ending", run.outcome == nil ? run.cancelReason : nil), ("created", created(run)),
        ]
        let inputs = detail.inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        facts.append(("inputs", inputs.isEmpty ? nil : inputs.joined(separator: ", ")))
        facts.append(("priority", detail.priority == "other" ? nil : detail.priority))
        facts.append(("lock", detail.lock))
        let isolation = detail.isolation == "none" ? "none: \(detail.isolationNote ?? "no sandbox")" : detail.isolation
        facts.append(("isolation", isolation))
        return facts.flatMap { name, value in lines(name, value ?? "") }
    }

    /// What has several lines, as what is wrong with a file, keeps them.
    private func lines(_ name: String, _ value: String) -> [String] {
        value.split(whereSeparator: \.isNewline).enumerated().map { index, line in
            layout.paragraph(index == 0 ? label("\(name):") : label(""), String(line).forTerminal, paint: paint.dim)
        }
    }

    private func created(_ run: RunSummary) -> String {
        var text = "\(time.words(run.createdAt)) (\(TimeText.second(run.createdAt)))"
        if let started = run.startedAt {
            let waited = Duration.seconds(max(0, started.timeIntervalSince(run.createdAt)))
            text += ", began after \(waited.brief)"
        }
        return text
    }

    private func label(_ name: String) -> String {
        "  \(name)" + String(repeating: " ", count: max(0, 14 - name.count))
    }

    // MARK: - Stages

    private func table(_ stages: [StageView]) -> String {
        TextTable(rows: stages.flatMap(rows), indentation: 2).text(paint, layout)
    }

    /// A stage, its steps where one looks for what went wrong or where there are several, and its artifacts.
    private func rows(_ stage: StageView) -> [[TextTable.Cell]] {
        let head: [TextTable.Cell] = [
            .init(stage.name, paint: paint.bold),
            RunText(paint: paint, time: time).status(stage.status, stage.outcome),
            .init(length(of: stage)), .init(remark(stage)),
        ]
        let steps = stage.steps.map { step -> [TextTable.Cell] in
            let log = step.log.map { ByteCount.words($0.bytes) } ?? ""
            let remark = step.reason ?? (step.exitCode ?? 0 == 0 ? "" : "exit status \(step.exitCode ?? 0)")
            return [
                .init("  \(step.index + 1) \(LiveText.cut(step.name, to: 40, ellipsis: "..."))", paint: paint.dim),
                .init(step.outcome?.words ?? step.status.rawValue, paint: paint.dim),
                .init(step.seconds.map { Duration.seconds($0).brief } ?? "", paint: paint.dim),
                .init([log, remark].filter { !$0.isEmpty }.joined(separator: "  "), paint: paint.dim),
            ]
        }
        let artifacts = stage.artifacts.map { artifact -> [TextTable.Cell] in
            let files = "\(artifact.files) file\(artifact.files == 1 ? "" : "s")"
            let text = "\(files), \(ByteCount.words(artifact.bytes)), \(artifact.digest.prefix(12))"
            return [
                .init("  > \(artifact.name)", paint: paint.dim), .init("artifact", paint: paint.dim), .init(""),
                .init(text, paint: paint.dim),
            ]
        }
        return [head] + steps + artifacts
    }

    private func length(of stage: StageView) -> String {
        guard stage.outcome != .skipped else { return "" }
        if let seconds = stage.seconds { return Duration.seconds(seconds).brief }
        guard stage.status == .running, let start = stage.startedAt else { return "" }
        return Duration.seconds(max(0, time.now.timeIntervalSince(start))).brief
    }

    private func remark(_ stage: StageView) -> String {
        var parts: [String] = []
        if stage.attempt > 1 { parts.append("attempt \(stage.attempt)") }
        if let run = stage.reusedFrom { parts.append("taken from run \(run)") }
        if let reason = stage.reason { parts.append(reason) }
        return parts.joined(separator: ", ")
    }

    // MARK: - What next

    private func next(_ detail: RunDetail) -> [String] {
        let number = detail.run.number
        guard detail.run.outcome != nil else { return ["runner watch \(number)"] }
        let failed = detail.stages.filter { $0.outcome?.isFailure == true }
        guard let first = failed.first else { return [] }
        let stage = ShellText.quoted(first.name)
        var hints = ["runner logs \(number) \(stage)"]
        if first.keptWorkspace != nil { hints.append("runner shell \(number) \(stage)") }
        return hints + ["runner local --run \(number)", "runner rerun \(number) --from-failed"]
    }
}
