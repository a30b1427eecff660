import Git
import RunnerCore
import RunnerEngine
import RunnerExecution

/// A plan as people read it: what runs, what not, and why.
struct PlanText {
    let paint: Paint
    let layout: TextLayout

    func text(_ report: PlanReport) -> String {
        var lines = [heading(report.event)]
        for pipeline in report.pipelines where pipeline.runs { lines += [""] + self.lines(pipeline) }
        let others = report.pipelines.filter { !$0.runs }
        if !others.isEmpty {
            lines += ["", paint.bold("not run")]
            lines += others.map { layout.paragraph("  \($0.name.forTerminal):", $0.reason.forTerminal) }
        }
        return lines.joined(separator: "\n")
    }

    private func heading(_ event: RunEvent) -> String {
        let what = event.ref.hasPrefix("refs/tags/") ? "tag" : event.ref.hasPrefix("refs/heads/") ? "branch" : "ref"
        let commit = event.commit.map { " at \($0.short)" } ?? ""
        let changes = event.isWorkingTree ? ", with the changes of the working tree" : ""
        return layout.paragraph("plan for", "\(what) \(event.shortRef.forTerminal)\(commit)\(changes)")
    }

    private func lines(_ pipeline: PlanReport.Pipeline) -> [String] {
        var lines = ["\(paint.bold(pipeline.name.forTerminal))  \(paint.dim(pipeline.file.forTerminal))"]
        lines.append(detail(2, "runs because", pipeline.reason))
        if let concurrency = pipeline.concurrency {
            let policy = concurrency.policy.map { " (\($0.rawValue))" } ?? ""
            lines.append(detail(2, "concurrency", concurrency.group + policy))
        }
        let inputs = pipeline.inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text ?? "")" }
        if !inputs.isEmpty { lines.append(detail(2, "inputs", inputs.joined(separator: ", "))) }
        lines += variables(2, pipeline.env)
        lines += graph(pipeline.stages)
        if !pipeline.finally.isEmpty { lines += ["", "  \(paint.bold("finally"))"] + graph(pipeline.finally) }
        return lines
    }

    /// The cells of a matrix stand together, with what they share once.
    private func graph(_ stages: [PlanReport.Stage]) -> [String] {
        var lines: [String] = []
        var rest = stages[...]
        while let first = rest.first {
            let cells = rest.prefix { $0.stage == first.stage }
            rest = rest.dropFirst(cells.count)
            lines.append("")
            let details = cells.map(details)
            if details.allSatisfy({ $0 == details[0] }) {
                lines += cells.map(verdict) + details[0]
            } else {
                for (cell, details) in zip(cells, details) { lines += [verdict(cell)] + details }
            }
        }
        return lines
    }

    private func verdict(_ stage: PlanReport.Stage) -> String {
        let words = ["runs": "runs,", "skipped": "skipped:", "depends": "may run:"][stage.verdict] ?? stage.verdict
        return layout.paragraph(
            "  \(stage.name.forTerminal)",
            "\(words) \(stage.reason.forTerminal)",
            paint: paint.bold
        )
    }

    private func details(_ stage: PlanReport.Stage) -> [String] {
        var lines: [String] = []
        if let deploy = stage.deploy {
            let artifact = deploy.artifact.map { ", artifact \($0)" } ?? ""
            lines.append(detail(4, "deploys to", "\(deploy.environment)\(artifact); gates: \(deploy.gates)"))
        }
        if !stage.needs.isEmpty { lines.append(detail(4, "needs", list(stage.needs.map(\.description)))) }
        if !stage.steps.isEmpty { lines.append(detail(4, "steps", list(stage.steps.map(step)))) }
        if let image = stage.image { lines.append(detail(4, "image", words(image))) }
        if !stage.services.isEmpty { lines.append(detail(4, "services", list(stage.services))) }
        lines += variables(4, stage.env)
        if !stage.secrets.isEmpty { lines.append(detail(4, "secrets", list(stage.secrets))) }
        if stage.deploy == nil { lines.append(detail(4, "limits", list(limits(stage)))) }
        lines += stage.caches.map { detail(4, "cache", words($0)) }
        for taken in stage.takes {
            let alias = taken.place == taken.name ? "" : " as \(taken.place)"
            let run = taken.run.map { "made by run \($0)" } ?? "not there yet"
            lines.append(detail(4, "takes", "\(taken.name) of \(taken.pipeline)\(alias); \(run)"))
        }
        for artifact in stage.artifacts {
            let keep = artifact.keepSeconds.map { ", kept \(days($0))" } ?? ""
            lines.append(
                detail(4, "artifact", "\(artifact.name): \(artifact.paths.sources.joined(separator: " "))\(keep)")
            )
        }
        if let reuse = stage.reuse {
            lines.append(detail(4, "reused for the same", reuse.sources.joined(separator: " ")))
        }
        return lines
    }

    private func step(_ step: PlanReport.Stage.Step) -> String {
        step.condition.map { "\(step.name) (if: \($0))" } ?? step.name
    }

    private func limits(_ stage: PlanReport.Stage) -> [String] {
        var limits = ["\(Duration.seconds(stage.timeoutSeconds).words) at most"]
        if let cpu = stage.resources.cpu { limits.append("cpu \(cpu == cpu.rounded() ? "\(Int(cpu))" : "\(cpu)")") }
        if let memory = stage.resources.memory { limits.append("memory \(ByteCount.words(memory))") }
        if let disk = stage.resources.disk { limits.append("disk \(ByteCount.words(disk))") }
        if let pids = stage.resources.pids { limits.append("pids \(pids)") }
        if stage.network == .none { limits.append("no network") }
        if stage.attempts > 1 { limits.append("\(stage.attempts) attempts") }
        return limits
    }

    private func days(_ seconds: Double) -> String {
        let days = seconds / 86_400
        return days >= 1 && days == days.rounded() ? "\(Int(days)) d" : Duration.seconds(seconds).words
    }

    private func words(_ cache: PlanReport.Stage.Cache) -> String {
        var text = "\(words(cache.key)) for \(cache.paths.joined(separator: " "))"
        if let found = cache.found {
            text += found.exact ? "; there, from run \(found.run)" : "; falls back to \(found.key) of run \(found.run)"
        } else if cache.key.settled {
            text += "; not there yet"
        }
        return text
    }

    private func words(_ value: PlanReport.Value) -> String {
        if let problem = value.problem { return "\(value.text) (wrong: \(problem))" }
        return value.settled ? value.text : "\(value.text) (settled at start)"
    }

    private func variables(_ indentation: Int, _ variables: [String: PlanReport.Value]) -> [String] {
        guard !variables.isEmpty else { return [] }
        let pairs = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\(words($0.value))" }
        return [detail(indentation, "env", list(pairs))]
    }

    private func list(_ texts: [String]) -> String { texts.joined(separator: ", ") }

    private func detail(_ indentation: Int, _ label: String, _ text: String) -> String {
        let head = String(repeating: " ", count: indentation) + label + ":"
        return layout.paragraph(head, text.forTerminal, paint: paint.dim)
    }
}
