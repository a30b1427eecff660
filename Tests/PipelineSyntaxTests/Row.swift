import PipelineSyntax
import RunnerCore
import Testing

/// A file with one fault, and what is said of it.
struct Row: Sendable, CustomTestStringConvertible {
    var text: String
    /// Line and column.
    var place: String
    var message: String
    var hint: String?

    init(_ text: String, _ place: String, _ message: String, hint: String? = nil) {
        self.text = text
        self.place = place
        self.message = message
        self.hint = hint
    }

    var testDescription: String { message }

    /// The text as the stages of an otherwise good file; its first line is line 3.
    static func stages(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        Row("on: { branches: [main] }\nstages:\n" + text, place, message, hint: hint)
    }

    /// The text as the keys of a good stage; its first line is line 4, its first column is 5.
    static func stage(_ text: String, _ place: String, _ message: String, hint: String? = nil) -> Row {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        return stages("  s:\n" + lines.joined(separator: "\n"), place, message, hint: hint)
    }

    /// Compares with the only finding that there should be.
    func check(_ severity: Diagnostic.Severity) { check(severity, in: findings(in: text)) }

    func check(_ severity: Diagnostic.Severity, in found: [Diagnostic]) {
        let shown = Comment(rawValue: found.map(\.description).joined(separator: "\n"))
        #expect(found.count == 1, shown)
        guard let first = found.first else { return }
        #expect(first.severity == severity)
        #expect("\(first.location.line):\(first.location.column)" == place, shown)
        #expect(first.message.contains(message), shown)
        if let hint { #expect(first.hint?.contains(hint) == true, shown) }
    }
}

/// The findings of a file that includes nothing.
func findings(in text: String) -> [Diagnostic] {
    PipelineParser.parse(file: "f.yml", bytes: Array(text.utf8)).diagnostics
}
