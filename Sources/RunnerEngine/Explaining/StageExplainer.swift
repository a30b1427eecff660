import Git
package import RunnerCore
package import RunnerStore
import SystemPackage

/// Says why a stage run was reused or not, from what the run wrote down, and what git tells of the files.
package struct StageExplainer: Sendable {
    private let state: StateDirectory

    package init(_ state: StateDirectory) { self.state = state }

    /// Throws where there is no such run or stage here, or where the stage declares no `reuse`.
    package func explain(_ run: RunNumber, _ stage: StageID) async throws -> StageExplanation {
        let directory = state.run(run)
        let record = try record(of: stage, in: directory)
        var explanation = StageExplanation(
            run: run,
            stage: stage,
            key: record.key.digest.description,
            decision: .missed,
            components: record.key.components.map {
                .init(name: $0.name, digest: $0.digest.description, value: $0.text)
            }
        )
        switch record.decision {
        case .taken(let other, let ref, let trust): explanation.decision = .taken(from: other, ref: ref, trust: trust)
        case .verifies(let other): explanation.decision = .verified(against: other)
        case .refused(let other, let why): explanation.decision = .refused(other, why: why)
        case .ignored: explanation.decision = .ignored
        case .missed(nil, _): break
        case .missed(let nearest?, let differs):
            explanation.nearest = nearest
            let earlier = try JSON.read(StageKeyRecord.self, at: state.run(nearest).stage(stage).key)
            explanation.differences = await differences(differs, record, earlier, in: directory)
        }
        return explanation
    }

    private func record(of stage: StageID, in directory: RunDirectory) throws -> StageKeyRecord {
        if let record = try JSON.read(StageKeyRecord.self, at: directory.stage(stage).key) { return record }
        func refusal(_ why: String, hint: String? = nil) -> RunnerError {
            let what = "cannot explain stage `\(stage)` of run \(directory.number)"
            return RunnerError(.input, what, why: why, hint: hint)
        }
        guard let spec = try JSON.read(RunSpec.self, at: directory.spec) else {
            throw refusal("there is no run \(directory.number) in \(state.path)")
        }
        let all = spec.plan.stages + spec.plan.finally
        guard let planned = all.first(where: { $0.id == stage }) else {
            let near = DidYouMean.suggestion(for: stage.description, among: all.map(\.id.description))
            throw refusal("the run has no such stage", hint: near.map { "did you mean `\($0)`?" })
        }
        guard planned.definition.reuse != nil else {
            throw refusal("it declares no `reuse`, so it always runs", hint: "see `reuse` in docs/reuse.md")
        }
        throw refusal("it has not begun, or one of its `tools` failed", hint: "see the notes of the run")
    }

    // MARK: - Differences

    private func differences(
        _ names: [String],
        _ record: StageKeyRecord,
        _ earlier: StageKeyRecord?,
        in directory: RunDirectory
    ) async -> [StageExplanation.Difference] {
        var differences: [StageExplanation.Difference] = []
        for name in names {
            var details: [String] = []
            if let earlier {
                details =
                    name == "inputs"
                    ? await files(record, earlier, in: directory)
                    : Self.details(earlier.key[name]?.text, record.key[name]?.text)
            }
            differences.append(.init(component: name, details: details))
        }
        return differences
    }

    /// Files that count and are not the same. Git may have lost the earlier tree: then there is nothing to say of them.
    private func files(
        _ record: StageKeyRecord,
        _ earlier: StageKeyRecord,
        in directory: RunDirectory
    ) async -> [String] {
        do {
            guard let spec = try JSON.read(RunSpec.self, at: directory.spec) else { return [] }
            let delta = try await StoreRepository(at: spec.objects).repository
                .diff(from: earlier.tree, to: record.tree)
            let patterns = (record.inputs ?? earlier.inputs).map(PatternList.init)
            let changed = delta.changed.map { ("changed", $0.path) } + delta.deleted.map { ("deleted", $0) }
            return changed.filter { patterns?.matches($0.1.bytes) ?? true }.map { "\($0.0): \($0.1)" }.sorted()
        } catch {
            return ["the files of the earlier tree are not known any more"]
        }
    }

    /// Maps are compared name by name, all else as a whole.
    static func details(_ before: String?, _ after: String?) -> [String] {
        guard let before, let after else { return ["too long to be shown"] }
        guard let old = entries(before), let new = entries(after) else {
            return ["\(short(before)) -> \(short(after))"]
        }
        return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { name in
            switch (old[name], new[name]) {
            case (let old?, let new?): "\(name): \(short(old.canonical)) -> \(short(new.canonical))"
            case (let old?, nil): "\(name): \(short(old.canonical)) is gone"
            default: "\(name): \(new[name].map { short($0.canonical) } ?? "") is new"
            }
        }
    }

    private static func entries(_ text: String) -> [String: KeyValue]? {
        // What is no JSON object is told as a whole.
        guard case .map(let entries)? = try? KeyValue(canonical: text) else { return nil }
        return entries
    }

    private static func short(_ text: String) -> String { text.count <= 120 ? text : "\(text.prefix(119))…" }
}
