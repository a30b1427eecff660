/// Text with `${{ expression }}` in it, as it stands in a file. Never used for `run`.
package struct Template: Sendable, Hashable {
    package enum Segment: Sendable, Hashable {
        case literal(String)
        case expression(Expression)
    }

    package let segments: [Segment]
    /// As written.
    package let source: String

    package init(segments: [Segment], source: String) {
        self.segments = segments
        self.source = source
    }
}

/// A condition or value as it stands between `${{` and `}}`, or alone in `if` and `when`.
package struct Expression: Sendable, Hashable {
    package indirect enum Node: Sendable, Hashable {
        case literal(Value)
        /// `ref.name` is `["ref", "name"]`.
        case path([String])
        case call(String, [Node])
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
        case compare(Comparison, Node, Node)
    }

    package enum Comparison: String, Sendable, Hashable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    package let node: Node
    /// As written, without the braces.
    package let source: String

    package init(node: Node, source: String) {
        self.node = node
        self.source = source
    }
}

/// Why a text is no expression, or why one has no value. `offset` counts characters from the start of the text parsed.
package struct ExpressionError: Error, Sendable, Hashable {
    package var message: String
    package var hint: String?
    package var offset: Int

    package init(_ message: String, hint: String? = nil, offset: Int) {
        self.message = message
        self.hint = hint
        self.offset = offset
    }
}

extension Template: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try Template.parse(container.decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(source)
    }
}

extension Expression: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try Expression.parse(container.decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(source)
    }
}
