extension Expression {
    /// The paths that are read and the functions that are called, each once, in the order of their first use.
    package struct References: Sendable, Hashable {
        package private(set) var paths: [[String]] = []
        package private(set) var functions: [String] = []

        package init() {}

        mutating func add(_ node: Node) {
            switch node {
            case .literal: break
            case .path(let path):
                if !paths.contains(path) { paths.append(path) }
            case .call(let name, let arguments):
                if !functions.contains(name) { functions.append(name) }
                for argument in arguments { add(argument) }
            case .not(let inner): add(inner)
            case .and(let left, let right), .or(let left, let right), .compare(_, let left, let right):
                add(left)
                add(right)
            }
        }

        /// True where `success()`, `failure()`, `always()` or `needs.STAGE.outcome` occurs: then the expression says
        /// itself what a need that did not succeed means, and no `success() &&` is added.
        package var judgesNeeds: Bool {
            functions.contains { ExpressionNames.statusFunctions.contains($0) }
                || paths.contains { $0.count == 3 && $0[0] == "needs" && $0[2] == "outcome" }
        }

        /// True where a path starts with `root`.
        package func uses(_ root: String) -> Bool { paths.contains { $0.first == root } }
    }

    /// Everything that the expression refers to.
    package var references: References {
        var references = References()
        references.add(node)
        return references
    }
}
