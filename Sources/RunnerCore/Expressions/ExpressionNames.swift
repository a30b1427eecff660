/// The names that an expression may use: contexts, their properties, and functions. Nothing else exists.
package enum ExpressionNames {
    /// What stands under a context.
    enum Shape {
        /// Exactly these properties.
        case fixed([String])
        /// One property of any name.
        case open
        /// `NAME.outcome` or `NAME.outputs.KEY`.
        case needs
    }

    static let shapes: [String: Shape] = [
        "ref": .fixed(["name", "full", "kind"]),
        "commit": .fixed(["id", "short", "message", "author"]),
        "pipeline": .fixed(["name"]),
        "stage": .fixed(["name", "id"]),
        "run": .fixed(["number"]),
        "matrix": .open,
        "inputs": .open,
        "env": .open,
        "needs": .needs,
    ]

    /// How many arguments each function takes.
    static let arguments: [String: ClosedRange<Int>] = [
        "success": 0...0,
        "failure": 0...0,
        "always": 0...0,
        "hash": 1...64,
        "startsWith": 2...2,
        "endsWith": 2...2,
        "contains": 2...2,
    ]

    /// In the order in which people look for them.
    package static let contexts = ["ref", "commit", "matrix", "inputs", "env", "stage", "needs", "pipeline", "run"]
    /// The functions that ask how the needs of a stage ended.
    package static let statusFunctions: Set<String> = ["success", "failure", "always"]
    /// In the order in which people look for them.
    package static let functions = [
        "success", "failure", "always", "hash", "startsWith", "endsWith", "contains",
    ]

    /// What is wrong with a path, or `nil`. Offsets are those given, one for each part.
    static func problem(in path: [String], at offsets: [Int]) -> ExpressionError? {
        guard let root = path.first, let start = offsets.first else { return nil }
        guard let shape = shapes[root] else { return unknownRoot(root, isAlone: path.count == 1, at: start) }
        switch shape {
        case .fixed(let names): return problem(in: path, at: offsets, fixed: names)
        case .open:
            if path.count == 1 { return group(root, "write `\(root).NAME`", at: start) }
            return tooDeep(path, at: offsets, limit: 2)
        case .needs: return problem(inNeeds: path, at: offsets)
        }
    }

    private static func problem(in path: [String], at offsets: [Int], fixed names: [String]) -> ExpressionError? {
        let all = names.map { "`\(path[0]).\($0)`" }.joined(separator: ", ")
        guard path.count > 1 else { return group(path[0], "write one of \(all)", at: offsets[0]) }
        guard names.contains(path[1]) else {
            let hint = DidYouMean.suggestion(for: path[1], among: names).map { "did you mean `\(path[0]).\($0)`?" }
            return ExpressionError(
                "`\(path[0])` has no `\(path[1])`",
                hint: hint ?? "there is \(all)",
                offset: offsets[1]
            )
        }
        return tooDeep(path, at: offsets, limit: 2)
    }

    private static func problem(inNeeds path: [String], at offsets: [Int]) -> ExpressionError? {
        let form = "write `needs.STAGE.outcome` or `needs.STAGE.outputs.NAME`"
        guard path.count > 2 else { return group(path.joined(separator: "."), form, at: offsets[0]) }
        switch path[2] {
        case "outcome": return tooDeep(path, at: offsets, limit: 3)
        case "outputs":
            if path.count == 3 { return group(path.joined(separator: "."), form, at: offsets[0]) }
            return tooDeep(path, at: offsets, limit: 4)
        default:
            let near = DidYouMean.hint(for: path[2], among: ["outcome", "outputs"])
            return ExpressionError("a need has no `\(path[2])`", hint: near ?? form, offset: offsets[2])
        }
    }

    private static func tooDeep(_ path: [String], at offsets: [Int], limit: Int) -> ExpressionError? {
        guard path.count > limit else { return nil }
        let value = path.prefix(limit).joined(separator: ".")
        return ExpressionError("`\(value)` is a single value and has no `\(path[limit])`", offset: offsets[limit])
    }

    private static func group(_ path: String, _ hint: String, at offset: Int) -> ExpressionError {
        ExpressionError("`\(path)` is a group of values", hint: hint, offset: offset)
    }

    private static func unknownRoot(_ root: String, isAlone: Bool, at offset: Int) -> ExpressionError {
        let words = ["and": "&&", "or": "||", "not": "!"]
        if isAlone, let symbol = words[root.lowercased()] {
            return ExpressionError("unknown name `\(root)`", hint: "write `\(symbol)`", offset: offset)
        }
        let known = contexts + (isAlone ? ["true", "false", "null"] + functions.map { $0 + "()" } : [])
        let quoted = isAlone ? "text stands in quotes, as '\(root)'" : nil
        let near = DidYouMean.hint(for: root, among: known)
        let all = "there is \(contexts.map { "`\($0)`" }.joined(separator: ", "))"
        return ExpressionError("unknown name `\(root)`", hint: near ?? quoted ?? all, offset: offset)
    }
}
