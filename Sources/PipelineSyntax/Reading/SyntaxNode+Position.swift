import RunnerCore

extension SyntaxNode {
    /// Where the character at `offset` of a scalar's text stands in the file.
    func location(ofCharacter offset: Int) -> SourceLocation {
        guard case .scalar(let text, let style) = content else { return location }
        let before = text.prefix(offset).unicodeScalars
        var cursor = ScalarCursor(lines: source.lines, line: line - 1, column: column - 1)
        switch style {
        case .literal, .folded: cursor.walkBlock(before)
        case .plain, .singleQuoted, .doubleQuoted: cursor.walkFlow(before, style: style)
        }
        return SourceLocation(file: source.file, line: cursor.line + 1, column: cursor.column + 1)
    }
}

/// Walks the source of a scalar and its value side by side. Lines and columns count from 0.
private struct ScalarCursor {
    let lines: [Substring]
    var line: Int
    var column: Int
    private var current: [Unicode.Scalar] = []
    /// Behind the last character of the line that is no space.
    private var end = 0

    init(lines: [Substring], line: Int, column: Int) {
        self.lines = lines
        self.line = line
        self.column = column
        load()
    }

    mutating func walkFlow(_ value: Substring.UnicodeScalarView, style: SyntaxNode.ScalarStyle) {
        skipProperties()
        if style != .plain { column += 1 }
        for scalar in value {
            if isBreak(scalar) {
                advanceLine()
                column = current.prefix { $0 == " " }.count
                continue
            }
            column += width(style: style)
        }
        // What comes next may stand on the following line.
        if column >= current.count, line + 1 < lines.count, !value.isEmpty {
            advanceLine()
            column = current.prefix { $0 == " " }.count
        }
    }

    /// Block text starts on the line after its header, at the indentation of its first line that has any text.
    mutating func walkBlock(_ value: Substring.UnicodeScalarView) {
        let first = lines.dropFirst(line + 1).first { !$0.allSatisfy { $0 == " " || $0 == "\r\n" || $0 == "\r" } }
        let indentation = first?.prefix { $0 == " " }.count ?? 0
        advanceLine()
        column = indentation
        for scalar in value {
            if scalar == "\n" || (scalar == " " && column >= current.count) {
                advanceLine()
                column = indentation
            } else {
                column += 1
            }
        }
    }

    /// `&anchor` and `!tag` stand before the text, at the place that YAML reports.
    private mutating func skipProperties() {
        while column < current.count, current[column] == "&" || current[column] == "!" {
            column += current[column...].prefix { $0 != " " }.count
            guard column < current.count else { return }
            column += current[column...].prefix { $0 == " " }.count
        }
    }

    private func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar == " " || scalar == "\n" else { return false }
        return column >= end
    }

    private func width(style: SyntaxNode.ScalarStyle) -> Int {
        guard column + 1 < current.count else { return 1 }
        switch (style, current[column]) {
        case (.singleQuoted, "'"): return 2
        case (.doubleQuoted, "\\"):
            return switch current[column + 1] {
            case "x": 4
            case "u": 6
            case "U": 10
            default: 2
            }
        default: return 1
        }
    }

    private mutating func advanceLine() {
        line = min(line + 1, max(lines.count - 1, 0))
        load()
    }

    private mutating func load() {
        current = lines.indices.contains(line) ? Array(lines[line].unicodeScalars) : []
        end = (current.lastIndex { $0 != " " && $0 != "\r" } ?? -1) + 1
    }
}
