/// A place in a file that a person wrote. Lines and columns count from 1; columns count characters.
package struct SourceLocation: Sendable, Hashable, Codable {
    /// The path as the person knows it, relative to the repository.
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourceLocation: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}

/// One finding about a file: what is wrong, where, and what to write instead.
package struct Diagnostic: Sendable, Hashable, Codable {
    package enum Severity: String, Sendable, Codable {
        case error, warning
    }

    package var severity: Severity
    package var location: SourceLocation
    /// What is wrong, with the value found. Lower case, no full stop.
    package var message: String
    /// What to do about it, if there is something to say.
    package var hint: String?

    package init(_ severity: Severity, at location: SourceLocation, _ message: String, hint: String? = nil) {
        self.severity = severity
        self.location = location
        self.message = message
        self.hint = hint
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: message (hint)`, as compilers print it.
    package var description: String {
        "\(location): \(severity.rawValue): \(message)" + (hint.map { " (\($0))" } ?? "")
    }
}
