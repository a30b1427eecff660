import Git
import RunnerCore
import RunnerStore

/// Puts together what decides a stage's outcome. What does not: times, names of runs, places in files, limits, retries,
/// caches.
struct StageKeyMaking {
    let spec: StageSpec
    let definition: ReuseDefinition
    let run: RunSpec
    /// `hash('glob')` over the run's tree; needed only where `definition` names inputs.
    let hash: EvaluationContext.Hash
    /// What each secret's value is told by: a version, never the value.
    let secretVersions: [String: String]
    /// What each of the declared tools said of itself.
    let tools: [String: Digest]

    func make() -> StageKey { StageKey(components) }

    private var components: [String: KeyValue] {
        [
            "artifacts": .list(
                spec.artifacts.map { .map(["name": .text($0.name), "paths": texts($0.paths.sources)]) }
            ),
            "environment": .map(spec.environment.mapValues(KeyValue.text)),
            // A stage without an image runs with the machine's own tools.
            "image": .null,
            "inputs": .text(inputs),
            "isolation": .text(run.isolation.rawValue),
            "needs": spec.context["needs"].map(value) ?? .null,
            "network": .text(spec.network.rawValue),
            "platform": .text(Self.platform),
            "reports": .list(
                spec.reports.map { .map(["kind": .text($0.kind.rawValue), "paths": texts($0.paths.sources)]) }
            ),
            "search-path": .text(run.searchPath),
            "secrets": .map(
                Dictionary(spec.secrets.map { ($0, .text(secretVersions[$0] ?? "none")) }) { first, _ in first }
            ),
            "secret-files": texts((spec.secretFiles ?? []).sorted()),
            "seen": .map(seen.mapValues(value)),
            "services": .list(spec.services.map(service)),
            "shell": .text(Shell.machine.description),
            "stage": .text(spec.stage.description),
            "steps": .list(spec.steps.map(step)),
            "takes": .list(spec.takes.map(taken)),
            "tools": .map(tools.mapValues { .text($0.description) }),
        ]
    }

    /// The tree itself, or the digest of names, modes and ids of the files of it that count: no file is read.
    private var inputs: String {
        guard let patterns = definition.inputs else { return "tree \(spec.tree)" }
        return hash(patterns.sources) ?? "no file"
    }

    private func step(_ step: StepDefinition) -> KeyValue {
        .map([
            "directory": step.directory.map(KeyValue.text) ?? .null,
            "env": .map(Dictionary(step.env.map { ($0.name, .text($0.value.source)) }) { _, last in last }),
            "if": step.condition.map { .text($0.source) } ?? .null,
            "name": .text(step.name),
            "run": .text(step.run),
        ])
    }

    private func service(_ service: ServiceSpec) -> KeyValue {
        .map([
            "env": .map(service.environment.mapValues(KeyValue.text)),
            "name": .text(service.name),
            "ready": service.ready.map(KeyValue.text) ?? .null,
            "run": .text(service.run),
        ])
    }

    private func taken(_ artifact: TakenArtifact) -> KeyValue {
        .map([
            "digest": .text(artifact.reference.digest.description), "name": .text(artifact.reference.name),
            "stage": .text(artifact.stage.description),
        ])
    }

    /// The contexts that the steps' expressions name. A whole group where one value of it is named: a miss too many is no
    /// harm.
    private var seen: [String: Value] {
        let references =
            spec.steps.flatMap { $0.env.map(\.value.references) }
            + spec.steps.compactMap { $0.condition?.references }
        let hashes = references.contains { $0.functions.contains("hash") }
        var seen = spec.context.filter { name, _ in references.contains { $0.uses(name) } }
        // A digest of files is as good as the tree they stand in.
        if hashes { seen["tree"] = .string(spec.tree.description) }
        return seen
    }

    private func texts(_ texts: [String]) -> KeyValue { .list(texts.map(KeyValue.text)) }

    private func value(_ value: Value) -> KeyValue {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number, .string: .text(value.text ?? "")
        case .object(let values): .map(values.mapValues(self.value))
        }
    }

    private static var platform: String {
        #if arch(x86_64)
            "linux/amd64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux/other"
        #endif
    }
}
