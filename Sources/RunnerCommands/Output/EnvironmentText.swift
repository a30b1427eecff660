import RunnerAPI
import RunnerCore

/// Environments and deployments for people.
enum EnvironmentText {
    static func health(_ environment: EnvironmentView) -> TextTable.Cell {
        let paint = Paint.ofOutput
        return switch environment.isHealthy {
        case true?: .init("healthy", paint: paint.green)
        case false?: .init("not healthy", paint: paint.red)
        case nil: .init("-")
        }
    }

    static func open(_ environment: EnvironmentView) -> String {
        var words = environment.open.map { deployment in
            "\(deployment.release.version) (deployment \(deployment.id)) \(deployment.status.rawValue)"
                + (deployment.reason.map { ": \($0)" } ?? "")
        }
        words += environment.freezes.map { "frozen: \($0)" }
        return words.joined(separator: "; ")
    }

    static func status(_ deployment: DeploymentView) -> TextTable.Cell {
        let paint = Paint.ofOutput
        if let outcome = deployment.outcome {
            switch outcome {
            case .succeeded: return .init("live", paint: paint.green)
            case .failed where deployment.startedAt != nil: return .init("taken back", paint: paint.red)
            case .failed: return .init("refused", paint: paint.red)
            case .errored, .canceled, .timedOut, .skipped, .superseded: return .init(outcome.words, paint: paint.yellow)
            }
        }
        return .init(deployment.status.rawValue, paint: paint.yellow)
    }

    static func text(_ environment: EnvironmentView) -> String {
        let paint = Paint.ofOutput
        var facts: [(String, String)] = []
        if let live = environment.live {
            let since = environment.liveSince.map { ", \(TimeText().words($0))" } ?? ""
            let deployment = environment.deployment.map { " (deployment \($0))" } ?? ""
            facts.append(("live", "\(live.version)\(since)\(deployment)"))
            facts.append(("commit", "\(live.commit.prefix(10)) of \(live.repository), by \(live.author)"))
        } else {
            facts.append(("live", "nothing yet"))
        }
        if let isHealthy = environment.isHealthy {
            let when = environment.healthAt.map { ", \(TimeText().words($0))" } ?? ""
            facts.append(("health", "\(isHealthy ? "healthy" : "not healthy")\(when): \(environment.health ?? "")"))
        }
        if let url = environment.url { facts.append(("url", url)) }
        facts.append(("strategy", environment.strategy))
        let all = environment.places.reduce(0) { $0 + $1.weight }
        for place in environment.places {
            let share = all > 0 ? "\((place.weight * 100 + all / 2) / all) % of the traffic" : "no traffic shared"
            facts.append((place.instance, "\(place.version ?? "nothing"), \(share), \(place.address ?? "no address")"))
        }
        for deployment in environment.open {
            let reason = deployment.reason.map { ": \($0)" } ?? ""
            facts.append(
                (
                    "open",
                    "deployment \(deployment.id) of \(deployment.release.version), \(deployment.status.rawValue)\(reason)"
                )
            )
        }
        for freeze in environment.freezes { facts.append(("frozen", freeze)) }
        return lines(facts, head: paint.bold(environment.name.forTerminal))
    }

    static func text(_ deployment: DeploymentView) -> String {
        let paint = Paint.ofOutput
        let title =
            "deployment \(deployment.id): \(deployment.kind) of \(deployment.release.version) to \(deployment.environment)"
        var facts = [("status", status(deployment).text + (deployment.reason.map { ": \($0)" } ?? ""))]
        facts.append(("asked", "\(TimeText().words(deployment.askedAt)) by \(deployment.askedBy)"))
        if let run = deployment.run { facts.append(("run", "\(run), stage \(deployment.stage ?? "?")")) }
        facts.append(("commit", "\(deployment.release.commit.prefix(10)) by \(deployment.release.author)"))
        if let digest = deployment.release.digest {
            facts.append(("artifact", "\(deployment.release.artifact ?? ""), sha256 \(digest.prefix(12))"))
        }
        facts.append(("plan", String(deployment.plan.prefix(12))))
        for (index, step) in deployment.steps.enumerated() {
            facts.append((index == deployment.step ? "now" : "step \(index + 1)", step))
        }
        return lines(facts, head: paint.bold(title.forTerminal))
    }

    static func lines(_ facts: [(String, String)], head: String) -> String {
        let paint = Paint.ofOutput
        let width = facts.map(\.0.count).max() ?? 0
        let rest = facts.map { name, value in
            let blanks = String(repeating: " ", count: width - name.count)
            return TextLayout.ofOutput.paragraph("  \(name.forTerminal):\(blanks)", value.forTerminal, paint: paint.dim)
        }
        return ([head] + rest).joined(separator: "\n")
    }

    /// Each gate with its state, who must act, and when.
    static func text(_ why: WhyView) -> String {
        let paint = Paint.ofOutput
        let decision =
            switch why.decision {
            case .open: paint.green("may go to \(why.environment) now")
            case .waits: paint.yellow("waits for \(why.environment)")
            case .refused: paint.red("may not go to \(why.environment)")
            }
        var lines = ["\(paint.bold(why.release.version.forTerminal)) \(decision)"]
        let width = why.gates.map(\.gate.count).max() ?? 0
        for gate in why.gates {
            let mark =
                switch gate.state {
                case .passed: paint.green("✓")
                case .waiting: paint.yellow("…")
                case .refused: paint.red("✗")
                case .overridden, .skipped: paint.dim("-")
                }
            var words = gate.reason
            if let owner = gate.owner { words += "; waits for \(owner)" }
            if let next = gate.next { words += "; next \(TimeText().words(next)), \(TimeText.second(next))" }
            if let until = gate.until { words += "; until \(TimeText.second(until))" }
            let blanks = String(repeating: " ", count: width - gate.gate.count)
            lines.append(TextLayout.ofOutput.paragraph("  \(mark) \(gate.gate)\(blanks)", words.forTerminal))
        }
        if let id = why.deployment {
            lines.append(paint.dim("deployment \(id), plan \((why.plan ?? "").prefix(12)): `runner approve \(id)`"))
        }
        return lines.joined(separator: "\n")
    }
}
