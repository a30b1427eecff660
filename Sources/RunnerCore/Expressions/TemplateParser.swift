extension Template {
    /// Reads text with any number of `${{ expression }}` in it. A literal `${{` is written `${{ '${{' }}`.
    package static func parse(_ text: String) throws(ExpressionError) -> Template {
        Template(segments: try scan(text).map(\.segment), source: text)
    }

    /// The segments, each with the offset in characters where it starts.
    static func scan(_ text: String) throws(ExpressionError) -> [(segment: Segment, offset: Int)] {
        var parts: [(segment: Segment, offset: Int)]
        do throws(ExpressionError) {
            parts = try scan(Array(text.utf8))
        } catch {
            throw error.countingCharacters(of: text)
        }
        // Each count goes on from the one before: from the start every time, long texts would take quadratic time.
        var index = text.startIndex
        var bytes = 0
        var characters = 0
        for part in parts.indices {
            let next = text.utf8.index(index, offsetBy: parts[part].offset - bytes)
            bytes = parts[part].offset
            characters += text.distance(from: index, to: next)
            index = next
            parts[part].offset = characters
        }
        return parts
    }

    private static func scan(_ bytes: [UInt8]) throws(ExpressionError) -> [(segment: Segment, offset: Int)] {
        let opening = Array("${{".utf8)
        var parts: [(segment: Segment, offset: Int)] = []
        var literal = 0
        var position = 0
        func close(at end: Int) {
            guard end > literal else { return }
            parts.append((.literal(String(decoding: bytes[literal..<end], as: UTF8.self)), literal))
        }
        while position < bytes.count {
            guard bytes[position] == opening[0], bytes[position...].starts(with: opening) else {
                position += 1
                continue
            }
            close(at: position)
            let start = position + opening.count
            var parser = try ExpressionParser(bytes: bytes, from: start, endsAtBraces: true)
            let node = try parser.parse()
            guard parser.end < bytes.count else {
                throw ExpressionError("the `${{` that starts here has no closing `}}`", offset: position)
            }
            let source = String(decoding: bytes[start..<parser.end].trimmingSpaces(), as: UTF8.self)
            parts.append((.expression(Expression(node: node, source: source)), position))
            position = parser.end + 2
            literal = position
        }
        close(at: bytes.count)
        return parts
    }

    /// True where there is nothing to evaluate.
    package var isLiteral: Bool {
        segments.allSatisfy { segment in
            switch segment {
            case .literal: true
            case .expression: false
            }
        }
    }

    /// Everything that the expressions of the text refer to.
    package var references: Expression.References {
        segments.reduce(into: Expression.References()) { references, segment in
            if case .expression(let expression) = segment { references.add(expression.node) }
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingSpaces() -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return []
        }
        return self[first...last]
    }
}
