import RunnerAPI
import RunnerCore

/// An explanation for people.
struct ExplanationText {
    let paint: Paint

    func text(_ explanation: StageExplanationView) -> String {
        var lines = [headline(explanation)]
        for difference in explanation.differences {
            lines.append("  other \(difference.component)" + (difference.details.isEmpty ? "" : ":"))
            lines += difference.details.prefix(Self.mostDetails).map { "    \($0.forTerminal)" }
            let more = difference.details.count - Self.mostDetails
            if more > 0 { lines.append("    and \(more) more: --json has them all") }
        }
        lines += ["", "key \(explanation.key)"]
        let width = explanation.components.map(\.name.count).max() ?? 0
        lines += explanation.components.map { component in
            let name = component.name.padding(to: width)
            let value = component.value.map { Self.short($0).forTerminal } ?? "(long)"
            return "  \(name)  \(component.digest.prefix(10))  \(value)"
        }
        return lines.joined(separator: "\n")
    }

    private static let mostDetails = 20

    private static func short(_ text: String) -> String { text.count <= 80 ? text : "\(text.prefix(79))…" }

    private func headline(_ explanation: StageExplanationView) -> String {
        let subject = paint.bold("\(explanation.stage.forTerminal) of run \(explanation.run)")
        let other = explanation.other.map { "run \($0)" } ?? "an earlier run"
        switch explanation.decision {
        case .taken:
            let ref = explanation.ref.map { " (\($0.forTerminal), \(explanation.trust?.rawValue ?? "ordinary"))" } ?? ""
            return "\(subject) was not run: the outcome of \(other)\(ref) was taken, which had the same key"
        case .missed where explanation.other == nil: return "\(subject) was run: no earlier run of it is known"
        case .missed: return "\(subject) was run: no outcome has its key; the nearest is that of \(other)"
        case .verified: return "\(subject) was run to be compared with the outcome of \(other)"
        case .refused:
            return "\(subject) was run: \(other) has the outcome, and \(explanation.reason ?? "may not give it")"
        case .ignored: return "\(subject) was run: reuse was turned off for this run"
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
