import RunnerCore
import RunnerExecution
import RunnerStore

/// Colours, where somebody wants them.
struct Paint: Sendable {
    let isOn: Bool

    func dim(_ text: String) -> String { style(text, "2") }
    func red(_ text: String) -> String { style(text, "31") }
    func green(_ text: String) -> String { style(text, "32") }
    func yellow(_ text: String) -> String { style(text, "33") }
    func bold(_ text: String) -> String { style(text, "1") }

    func outcome(_ outcome: Outcome) -> String {
        switch outcome {
        case .succeeded: style(outcome.words, "32")
        case .failed, .errored, .timedOut: style(outcome.words, "31")
        case .canceled, .superseded: style(outcome.words, "33")
        case .skipped: style(outcome.words, "2")
        }
    }

    private func style(_ text: String, _ code: String) -> String { isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }
}

/// `3 succeeded, 1 failed`: how many stages ended how.
struct OutcomeSummary: CustomStringConvertible {
    let description: String

    init(_ stages: [StageResult]) {
        let counts = Outcome.allCases.compactMap { outcome -> String? in
            let count = stages.count { $0.outcome == outcome }
            return count > 0 ? "\(count) \(outcome.words)" : nil
        }
        description = counts.isEmpty ? "no stage" : counts.joined(separator: ", ")
    }
}

extension Duration {
    /// Short, for lists: `0.04s`, `12.3s`, `4m05s`, `1h02m`.
    var brief: String {
        let seconds = seconds
        switch seconds {
        case ..<9.995: return "\(Self.fixed(seconds, digits: 2))s"
        case ..<59.95: return "\(Self.fixed(seconds, digits: 1))s"
        case ..<3600: return "\(Int(seconds) / 60)m\(Self.padded(Int(seconds) % 60))s"
        default: return "\(Int(seconds) / 3600)h\(Self.padded(Int(seconds) / 60 % 60))m"
        }
    }

    private static func fixed(_ value: Double, digits: Int) -> String {
        let scale = digits == 1 ? 10 : 100
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
