extension Expression {
    /// Longest text of one expression, in bytes.
    package static let longest = 4_096
    /// Most operators, parentheses and calls around one value: keeps every walk over the tree within a thread's stack.
    package static let deepest = 100

    /// Reads one expression, as in `ref.name == 'develop' && success()`. Names, functions and numbers of arguments are
    /// checked here; from loosest to tightest bind `||`, `&&`, one comparison, `!`.
    package static func parse(_ text: String) throws(ExpressionError) -> Expression {
        do throws(ExpressionError) {
            var parser = try ExpressionParser(bytes: Array(text.utf8), from: 0, endsAtBraces: false)
            return Expression(node: try parser.parse(), source: text)
        } catch {
            throw error.countingCharacters(of: text)
        }
    }
}

extension ExpressionError {
    /// Inside the parser offsets count bytes; outside they count characters.
    func countingCharacters(of text: String) -> ExpressionError {
        let bytes = min(offset, text.utf8.count)
        let index = text.utf8.index(text.startIndex, offsetBy: bytes)
        return ExpressionError(message, hint: hint, offset: text.distance(from: text.startIndex, to: index))
    }
}

/// Reads one expression from bytes, by precedence climbing. Errors have byte offsets.
struct ExpressionParser {
    /// A node and how deep the tree under it is.
    private typealias Part = (node: Expression.Node, depth: Int)

    private var lexer: ExpressionLexer
    private var token: ExpressionToken
    private let start: Int
    private var nesting = 0

    init(bytes: [UInt8], from start: Int, endsAtBraces: Bool) throws(ExpressionError) {
        lexer = ExpressionLexer(bytes: bytes, from: start, endsAtBraces: endsAtBraces)
        self.start = start
        token = try lexer.next()
    }

    /// Where the expression ended: the end of the bytes, or its `}}`.
    var end: Int { token.offset }

    mutating func parse() throws(ExpressionError) -> Expression.Node {
        guard token.kind != .end else {
            let hint = "write a value, as `ref.name`"
            throw ExpressionError("an expression is missing", hint: hint, offset: token.offset)
        }
        let part = try operation(from: 0)
        guard token.kind == .end else { throw unexpected("an operator") }
        return part.node
    }

    // MARK: - Operators

    private mutating func operation(from weakest: Int) throws(ExpressionError) -> Part {
        var left = try operand()
        while case .symbol(let symbol) = token.kind, let strength = Self.strength(symbol), strength >= weakest {
            let offset = token.offset
            try advance()
            let right = try operation(from: strength + 1)
            let depth = max(left.depth, right.depth) + 1
            left = (Self.node(symbol, left.node, right.node), try checked(depth, at: offset))
            if strength == 2, case .symbol(let next) = token.kind, Self.strength(next) == 2 {
                throw ExpressionError(
                    "comparisons cannot be chained",
                    hint: "join two comparisons with `&&`",
                    offset: token.offset
                )
            }
        }
        return left
    }

    private static func strength(_ symbol: String) -> Int? {
        switch symbol {
        case "||": 0
        case "&&": 1
        default: Expression.Comparison(rawValue: symbol) == nil ? nil : 2
        }
    }

    private static func node(
        _ symbol: String,
        _ left: Expression.Node,
        _ right: Expression.Node
    ) -> Expression.Node {
        if let comparison = Expression.Comparison(rawValue: symbol) { return .compare(comparison, left, right) }
        return symbol == "&&" ? .and(left, right) : .or(left, right)
    }

    // MARK: - Operands

    private mutating func operand() throws(ExpressionError) -> Part {
        let first = token
        nesting = try checked(nesting + 1, at: first.offset)
        defer { nesting -= 1 }
        try advance()
        switch first.kind {
        case .string(let text): return (.literal(.string(text)), 1)
        case .number(let number): return (.literal(.number(number)), 1)
        case .name(let name): return try named(name, at: first.offset)
        case .symbol("!"):
            let part = try operand()
            return (.not(part.node), try checked(part.depth + 1, at: first.offset))
        case .symbol("("):
            let part = try operation(from: 0)
            try close(")", openedAt: first.offset)
            return part
        case .symbol, .end:
            token = first
            throw unexpected("a value")
        }
    }

    private mutating func named(_ name: String, at offset: Int) throws(ExpressionError) -> Part {
        if token.kind == .symbol("(") { return try call(name, at: offset) }
        switch name {
        case "true": return (.literal(.bool(true)), 1)
        case "false": return (.literal(.bool(false)), 1)
        case "null": return (.literal(.null), 1)
        default: return try path(from: name, at: offset)
        }
    }

    private mutating func call(_ name: String, at offset: Int) throws(ExpressionError) -> Part {
        guard let count = ExpressionNames.arguments[name] else {
            let functions = ExpressionNames.functions
            let near = DidYouMean.suggestion(for: name, among: functions).map { "did you mean `\($0)()`?" }
            let all = "there is \(functions.map { "`\($0)()`" }.joined(separator: ", "))"
            throw ExpressionError("unknown function `\(name)`", hint: near ?? all, offset: offset)
        }
        let parenthesis = token.offset
        try advance()
        var arguments: [Part] = []
        while token.kind != .symbol(")") {
            arguments.append(try operation(from: 0))
            guard token.kind == .symbol(",") else { break }
            try advance()
        }
        try close(")", openedAt: parenthesis)
        guard count.contains(arguments.count) else {
            let wanted = count.count == 1 ? "\(count.lowerBound)" : "at least \(count.lowerBound)"
            let noun = count == 1...1 || count.count > 1 ? "argument" : "arguments"
            throw ExpressionError("`\(name)` takes \(wanted) \(noun), not \(arguments.count)", offset: offset)
        }
        let depth = (arguments.map(\.depth).max() ?? 0) + 1
        return (.call(name, arguments.map(\.node)), try checked(depth, at: offset))
    }

    private mutating func path(from root: String, at offset: Int) throws(ExpressionError) -> Part {
        var names = [root]
        var offsets = [offset]
        while true {
            if token.kind == .symbol(".") {
                // The dot is the last word read, so the name stands right behind it.
                offsets.append(lexer.position)
                guard let name = lexer.property() else {
                    throw ExpressionError("a name is missing after `.`", offset: lexer.position)
                }
                names.append(name)
                try advance()
            } else if token.kind == .symbol("[") {
                let bracket = token.offset
                try advance()
                guard case .string(let name) = token.kind else {
                    throw ExpressionError("a name in quotes must stand in `[` `]`", offset: token.offset)
                }
                names.append(name)
                offsets.append(token.offset)
                try advance()
                try close("]", openedAt: bracket)
            } else {
                break
            }
        }
        if let problem = ExpressionNames.problem(in: names, at: offsets) { throw problem }
        return (.path(names), 1)
    }

    // MARK: - Words

    private mutating func advance() throws(ExpressionError) {
        token = try lexer.next()
        guard token.offset - start <= Expression.longest else {
            throw ExpressionError("an expression has at most \(Expression.longest) bytes", offset: start)
        }
    }

    private mutating func close(_ symbol: String, openedAt offset: Int) throws(ExpressionError) {
        if token.kind == .symbol(symbol) { return try advance() }
        guard token.kind == .end else { throw unexpected("`\(symbol)`") }
        let opened = symbol == ")" ? "(" : "["
        throw ExpressionError("the `\(opened)` that starts here has no closing `\(symbol)`", offset: offset)
    }

    private func checked(_ depth: Int, at offset: Int) throws(ExpressionError) -> Int {
        guard depth <= Expression.deepest else {
            throw ExpressionError(
                "an expression has at most \(Expression.deepest) operators around one value",
                hint: "split the condition over several stages",
                offset: offset
            )
        }
        return depth
    }

    private func unexpected(_ wanted: String) -> ExpressionError {
        let found =
            switch token.kind {
            case .name(let name): "`\(name)`"
            case .string(let text): "'\(text)'"
            case .number(let number): "`\(Value.text(of: number))`"
            case .symbol(let symbol): "`\(symbol)`"
            case .end: "the end"
            }
        return ExpressionError("expected \(wanted), found \(found)", offset: token.offset)
    }
}
