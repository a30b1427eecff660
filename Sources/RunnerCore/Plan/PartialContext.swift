/// What is known before anything has run: enough to decide some conditions, or parts of them.
struct PartialContext {
    var context: EvaluationContext
    /// What `success()` and `failure()` say; `nil` where only the run can tell.
    var isSuccess: Bool?
    var isFailure: Bool?
    private var variables: Set<String> = []

    private static let contexts: Set<String> = ["ref", "commit", "pipeline", "matrix", "inputs", "stage"]

    init(context: EvaluationContext, isSuccess: Bool?, isFailure: Bool?) {
        self.context = context
        self.isSuccess = isSuccess
        self.isFailure = isFailure
    }

    /// Adds the variables whose values are known already. A later one of the same name hides an earlier one.
    mutating func define(_ list: [Variable]) throws(ExpressionError) {
        for variable in list {
            if isKnown(variable.value.references) {
                try context.define([variable])
                variables.insert(variable.name)
            } else {
                variables.remove(variable.name)
            }
        }
    }

    /// Whether the condition holds; `nil` where only the run can tell.
    func truth(of node: Expression.Node) throws(ExpressionError) -> Bool? {
        switch node {
        case .call("success", _): return isSuccess
        case .call("failure", _): return isFailure
        case .call("always", _): return true
        case .not(let inner): return try truth(of: inner).map { !$0 }
        case .and(let left, let right): return try joined(left, right, decidedBy: false)
        case .or(let left, let right): return try joined(left, right, decidedBy: true)
        case .literal, .path, .call, .compare:
            var references = Expression.References()
            references.add(node)
            return isKnown(references) ? try context.evaluate(node).isTruthy : nil
        }
    }

    /// One side alone may decide, whatever the other is.
    private func joined(
        _ left: Expression.Node,
        _ right: Expression.Node,
        decidedBy deciding: Bool
    ) throws(ExpressionError) -> Bool? {
        let first = try truth(of: left)
        if first == deciding { return deciding }
        // `try?`: a side that the first may still keep from being evaluated is no error yet.
        let second = first == nil ? (try? truth(of: right)) ?? nil : try truth(of: right)
        if second == deciding { return deciding }
        return first == nil || second == nil ? nil : !deciding
    }

    private func isKnown(_ references: Expression.References) -> Bool {
        references.functions.allSatisfy { name in
            name == "hash" ? context.hash != nil : !ExpressionNames.statusFunctions.contains(name)
        }
            && references.paths.allSatisfy { path in
                if path[0] == "env" { return path.count > 1 && variables.contains(path[1]) }
                return Self.contexts.contains(path[0])
            }
    }
}
