extension Expression {
    /// The value. `a && b` is `a` where that is false, else `b`; `a || b` is `a` where that is true, else `b`; what is
    /// not needed is not evaluated. Errors have offset 0: they name what they are about.
    package func evaluate(in context: EvaluationContext) throws(ExpressionError) -> Value {
        try context.evaluate(node)
    }
}

extension Template {
    /// The text with all values in it. An error's offset is that of the `${{` whose expression has no value.
    package func evaluate(in context: EvaluationContext) throws(ExpressionError) -> String {
        var text = ""
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .literal(let literal): text += literal
            case .expression(let expression):
                do throws(ExpressionError) {
                    text += try context.text(of: try expression.evaluate(in: context))
                } catch {
                    throw ExpressionError(error.message, hint: error.hint, offset: offset(ofSegment: index))
                }
            }
        }
        return text
    }

    /// Zero where the segments were not read from the source.
    private func offset(ofSegment index: Int) -> Int {
        // `try?`: a template that was put together by hand need not have a source that can be read.
        guard let parts = try? Template.scan(source), parts.indices.contains(index) else { return 0 }
        return parts[index].offset
    }
}

extension EvaluationContext {
    func evaluate(_ node: Expression.Node) throws(ExpressionError) -> Value {
        switch node {
        case .literal(let value): return value
        case .path(let path): return try value(at: path)
        case .call(let name, let arguments): return try call(name, arguments)
        case .not(let inner): return .bool(!(try evaluate(inner).isTruthy))
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? value : try evaluate(right)
        case .compare(let comparison, let left, let right):
            let (left, right) = (try evaluate(left), try evaluate(right))
            guard let answer = comparison.holds(left, right) else { throw incomparable(comparison, left, right) }
            return .bool(answer)
        }
    }

    func text(of value: Value) throws(ExpressionError) -> String {
        guard let text = value.text else {
            throw ExpressionError("a group of values cannot be written as text", offset: 0)
        }
        return text
    }

    /// A property that is not there is null, but for `matrix` and `needs`, whose names the pipeline's author gives.
    private func value(at path: [String]) throws(ExpressionError) -> Value {
        guard let root = path.first, var value = values[root] else {
            throw ExpressionError("`\(path.joined(separator: "."))` is not known here", offset: 0)
        }
        for (index, name) in path.enumerated().dropFirst() {
            guard case .object(let properties) = value else { return .null }
            guard let next = properties[name] else {
                guard index == 1, root == "matrix" || root == "needs" else { return .null }
                throw missing(name, of: root, among: properties.keys.sorted())
            }
            value = next
        }
        return value
    }

    private func missing(_ name: String, of root: String, among names: [String]) -> ExpressionError {
        let all = names.isEmpty ? nil : "there is \(names.map { "`\($0)`" }.joined(separator: ", "))"
        let message = root == "needs" ? "`\(name)` is not among the needs of this stage" : "the matrix has no `\(name)`"
        return ExpressionError(message, hint: DidYouMean.hint(for: name, among: names) ?? all, offset: 0)
    }

    private func call(_ name: String, _ arguments: [Expression.Node]) throws(ExpressionError) -> Value {
        var texts: [String] = []
        for argument in arguments { texts.append(try text(of: try evaluate(argument))) }
        switch name {
        case "success": return .bool(standing.isSuccess)
        case "failure": return .bool(standing.isFailure)
        case "always": return .bool(true)
        case "hash": return .string(try digest(of: texts))
        case "startsWith" where texts.count == 2: return .bool(texts[0].utf8.starts(with: texts[1].utf8))
        case "endsWith" where texts.count == 2:
            return .bool(texts[0].utf8.reversed().starts(with: texts[1].utf8.reversed()))
        case "contains" where texts.count == 2: return .bool(Array(texts[0].utf8).contains(Array(texts[1].utf8)))
        default: throw ExpressionError("unknown function `\(name)`", offset: 0)
        }
    }

    private func digest(of patterns: [String]) throws(ExpressionError) -> String {
        let list = patterns.map { "'\($0)'" }.joined(separator: ", ")
        guard let hash else { throw ExpressionError("`hash(\(list))` is not known here", offset: 0) }
        guard let digest = hash(patterns) else {
            throw ExpressionError(
                "`hash(\(list))` matches no file",
                hint: "patterns match whole paths from the root of the repository, as 'Package.resolved'",
                offset: 0
            )
        }
        return digest
    }

    private func incomparable(_ comparison: Expression.Comparison, _ left: Value, _ right: Value) -> ExpressionError {
        func shown(_ value: Value) -> String {
            guard value != .null, let text = value.text else { return value.kind }
            return "\(value.kind) `\(text)`"
        }
        return ExpressionError(
            "\(shown(left)) and \(shown(right)) cannot be compared by `\(comparison.rawValue)`",
            hint: "only two numbers or two texts have an order",
            offset: 0
        )
    }
}

extension [UInt8] {
    /// True where `part` occurs, byte by byte.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard part.count <= count else { return false }
        return indices.dropLast(part.count - 1).contains { self[$0] == first && self[$0...].starts(with: part) }
    }
}
