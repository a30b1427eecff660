package import Git
package import RunnerCore
import RunnerStore
package import SystemPackage

/// `hash('glob', …)` of expressions: a digest of the names, modes and contents of the files that match, by git's ids,
/// so that no file is read.
package enum TreeHash {
    /// The function over a tree's files.
    package static func function(over files: [TreeEntry]) -> EvaluationContext.Hash {
        { patterns in
            let list = PatternList(patterns)
            let lines = files.filter { list.matches($0.path.bytes) }.map { "\($0.id) \($0.mode.rawValue) \($0.path)" }
            return lines.isEmpty ? nil : Digest.sha256(lines.sorted().joined(separator: "\n")).description
        }
    }

    /// Lists the tree's files only where some expression of the plan asks for a hash.
    package static func ifNeeded(by plan: Plan, objects: FilePath) async throws -> EvaluationContext.Hash? {
        guard plan.mentions("hash(") else { return nil }
        let repository = try StoreRepository(at: objects).repository
        return function(over: try await repository.listFiles(plan.event.tree))
    }
}

extension Plan {
    /// Whether any value that is settled at a stage's start holds a text.
    fileprivate func mentions(_ text: String) -> Bool {
        let variables = env + (stages + finally).flatMap(\.definition.env)
        let caches = (stages + finally).flatMap(\.definition.caches)
        let templates = variables.map(\.value) + caches.flatMap { [$0.key] + $0.fallback }
        let conditions = (stages + finally).compactMap(\.definition.condition?.source)
        return (templates.map(\.source) + conditions).contains { $0.contains(text) }
    }
}
