import RunnerCore
import RunnerStore

/// Compares what a stage came to with the outcome that would have been taken. Both had the same key, so a difference means
/// that the stage depends on something that it does not declare, or on chance.
struct ReuseVerification {
    let earlier: OutcomeRecord
    let store: ArtifactStore

    /// Whether a reuse is one of those that are verified: the same answer for the same key and run, wherever it is asked.
    static func isDue(_ key: Digest, run: RunNumber, share: Double) -> Bool {
        guard share > 0 else { return false }
        let digits = Digest.sha256("verify \(key) \(run)").description.prefix(13)
        // 52 bits: as many as a Double holds exactly.
        guard let number = UInt64(digits, radix: 16) else { return false }
        return Double(number) < share * Double(UInt64(1) << 52)
    }

    /// Every difference in words, the earlier outcome first; empty where there is none.
    func differences(from result: StageResult) throws -> [String] {
        var differences: [String] = []
        if result.outcome != earlier.result.outcome {
            differences.append("outcome: \(earlier.result.outcome.rawValue) -> \(result.outcome.rawValue)")
        }
        for name in Set(result.outputs.keys).union(earlier.result.outputs.keys).sorted() {
            let (old, new) = (earlier.result.outputs[name], result.outputs[name])
            if old != new { differences.append("output `\(name)`: \(words(old)) -> \(words(new))") }
        }
        let names = Set((result.artifacts + earlier.result.artifacts).map(\.name))
        // A stage that did not succeed has no artifacts; that is said already.
        for name in names.sorted() where result.outcome == .succeeded {
            let old = earlier.result.artifacts.first { $0.name == name }
            let new = result.artifacts.first { $0.name == name }
            differences += try artifact(name, old, new)
        }
        return differences
    }

    private func artifact(_ name: String, _ old: ArtifactReference?, _ new: ArtifactReference?) throws -> [String] {
        guard old?.digest != new?.digest else { return [] }
        let before = try old.map(store.contents) ?? [:]
        let after = try new.map(store.contents) ?? [:]
        return Set(before.keys).union(after.keys).sorted().compactMap { path in
            switch (before[path], after[path]) {
            case (let old?, let new?): old == new ? nil : "artifact `\(name)`: \(path): \(old) -> \(new)"
            case (_?, nil): "artifact `\(name)`: \(path) is missing now"
            case (nil, _): "artifact `\(name)`: \(path) is new"
            }
        }
    }

    private func words(_ value: String?) -> String { value.map { "`\($0.prefix(60))`" } ?? "none" }
}
