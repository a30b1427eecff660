package import Git
package import RunnerCore
import RunnerStore
import Synchronization
package import SystemPackage

/// `hash('glob', …)` of expressions: a digest of the names, modes and contents of the files that match, by git's ids,
/// so that no file is read.
package enum TreeHash {
    /// The function over a tree's files. The same patterns are worked out once: each stage of a run may ask.
    package static func function(over files: [TreeEntry]) -> EvaluationContext.Hash {
        let known = KnownHashes()
        return { patterns in known.hash(patterns) { hash(patterns, files) } }
    }

    private static func hash(_ patterns: [String], _ files: [TreeEntry]) -> String? {
        let list = PatternList(patterns)
        let lines = files.filter { list.matches($0.path.bytes) }.map { "\($0.id) \($0.mode.rawValue) \($0.path)" }
        return lines.isEmpty ? nil : Digest.sha256(lines.sorted().joined(separator: "\n")).description
    }

    private final class KnownHashes: Sendable {
        private let hashes = Mutex<[[String]: String?]>([:])

        func hash(_ patterns: [String], _ work: () -> String?) -> String? {
            if let known = hashes.withLock({ $0[patterns] }) { return known }
            let hash = work()
            hashes.withLock { $0[patterns] = .some(hash) }
            return hash
        }
    }

    /// Lists the tree's files, only where the plan asks for them: in an expression or for `reuse`.
    package static func files(neededBy plan: Plan, objects: FilePath) async throws -> [TreeEntry] {
        let reuses = (plan.stages + plan.finally).contains { $0.definition.reuse?.inputs != nil }
        guard reuses || plan.mentions("hash(") else { return [] }
        return try await StoreRepository(at: objects).repository.listFiles(plan.event.tree)
    }
}

extension Plan {
    /// Whether any value that is settled at a stage's start holds a text.
    fileprivate func mentions(_ text: String) -> Bool {
        let definitions = (stages + finally).map(\.definition)
        let steps = definitions.flatMap { definition in
            if case .steps(let steps) = definition.work { steps } else { [StepDefinition]() }
        }
        let variables =
            env + definitions.flatMap(\.env) + steps.flatMap(\.env) + definitions.flatMap { $0.services.flatMap(\.env) }
        let caches = (stages + finally).flatMap(\.definition.caches)
        let templates = variables.map(\.value) + caches.flatMap { [$0.key] + $0.fallback }
        let conditions =
            definitions.compactMap(\.condition?.source) + steps.compactMap(\.condition?.source)
            + definitions.flatMap { $0.services.compactMap(\.condition?.source) }
        return (templates.map(\.source) + conditions).contains { $0.contains(text) }
    }
}
