import RunnerCore

/// A diagnostic for people: the line that compilers print, and on a terminal the place itself.
struct DiagnosticText {
    let paint: Paint
    let layout: TextLayout
    /// Files by name.
    let sources: [String: [UInt8]]
    let showsLines: Bool

    func text(_ diagnostic: Diagnostic) -> String {
        guard showsLines else { return "\(diagnostic)".forTerminal }
        let hint = diagnostic.hint.map { paint.dim(" (\($0.forTerminal))") } ?? ""
        let head = "\(diagnostic.location)".forTerminal
        let severity = paint.severity(diagnostic.severity)
        let first = "\(paint.bold(head)): \(severity): \(diagnostic.message.forTerminal)\(hint)"
        return ([first] + excerpt(diagnostic.location)).joined(separator: "\n")
    }

    /// The line, and a caret under the place; a part of the line where it is too long.
    private func excerpt(_ location: SourceLocation) -> [String] {
        guard let line = line(location.line, of: location.file), !line.isEmpty else { return [] }
        let column = min(max(0, location.column - 1), line.count)
        let number = String(location.line)
        let room = max(20, (layout.width ?? 80) - number.count - 5)
        let start = column > room * 3 / 4 ? column - room / 2 : 0
        let shown = line[start..<min(line.count, start + room)].map { scalar -> Character in
            // One column each, so that the caret stands right.
            scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? " " : Character(scalar)
        }
        let gutter = String(repeating: " ", count: number.count)
        let caret = String(repeating: " ", count: column - start) + "^"
        return [paint.dim(" \(number) | ") + String(shown), paint.dim(" \(gutter) | ") + paint.bold(caret)]
    }

    private func line(_ number: Int, of file: String) -> [Unicode.Scalar]? {
        guard let bytes = sources[file] else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        guard number >= 1, lines.count >= number else { return nil }
        return Array(String(decoding: lines[number - 1], as: UTF8.self).unicodeScalars)
    }
}

extension Paint {
    func severity(_ severity: Diagnostic.Severity) -> String {
        guard isOn else { return severity.rawValue }
        return "\u{1b}[\(severity == .error ? 31 : 33)m\(severity.rawValue)\u{1b}[0m"
    }
}
