import Glibc
import RunnerCore

/// What a terminal can show: colours, and marks beyond ASCII.
struct LiveStyle: Sendable, Hashable {
    /// Parameters of a select-graphic-rendition sequence.
    enum Tint: String, Sendable {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    let isColored: Bool
    let isUnicode: Bool

    /// As the environment of this process says.
    static func ofEnvironment() -> LiveStyle {
        LiveStyle(
            isColored: (variable("NO_COLOR") ?? "").isEmpty,
            isUnicode: isUnicode(locale: ["LC_ALL", "LC_CTYPE", "LANG"].map(variable))
        )
    }

    /// The first that says something decides, as for every program.
    static func isUnicode(locale: [String?]) -> Bool {
        let name = locale.compactMap { $0 }.first { !$0.isEmpty } ?? ""
        return name.lowercased().contains("utf-8") || name.lowercased().contains("utf8")
    }

    var running: String { isUnicode ? "▸" : ">" }
    var pending: String { isUnicode ? "◌" : "." }
    var ellipsis: String { isUnicode ? "…" : "..." }
    var separator: String { isUnicode ? " · " : ", " }

    func mark(_ outcome: Outcome) -> String {
        switch outcome {
        case .succeeded: isUnicode ? "✓" : "+"
        case .failed: isUnicode ? "✗" : "x"
        case .errored: "!"
        case .timedOut: isUnicode ? "⧖" : "t"
        case .canceled: isUnicode ? "⊘" : "/"
        case .skipped, .superseded: isUnicode ? "–" : "-"
        }
    }

    func tint(_ outcome: Outcome) -> Tint {
        switch outcome {
        case .succeeded: .green
        case .failed, .errored, .timedOut: .red
        case .canceled, .superseded: .yellow
        case .skipped: .dim
        }
    }

    func clean(_ text: String) -> String { LiveText.clean(text, isUnicode: isUnicode) }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
