import Git
import RunnerCore
import RunnerStore

/// Everything that decides a stage's outcome, as one digest: two stage runs with one key are the same work.
struct StageKey {
    /// Of the form below. A new form makes every old key unknown.
    private static let version = 1

    /// What is hashed, as JSON with sorted keys. Times, names of runs and places in files are not in it.
    private struct Content: Encodable {
        let version: Int
        let stage: StageID
        let steps: [StepDefinition]
        let environment: [String: String]
        let needs: Value?
        /// What expressions of steps can see besides, in so far as any of them looks.
        let seen: [String: Value]
        let services: [ServiceSpec]
        let shell: String
        let secrets: [String]
        /// Names, modes and ids of the files that count, or the tree where all do.
        let inputs: String
        let takes: [TakenArtifact]
        let artifacts: [ArtifactDefinition]
        let reports: [ReportDefinition]
        let network: Network
        let isolation: Isolation
        let platform: String
        let searchPath: String
    }

    /// The key, or `nil` for a stage that declares no `reuse`.
    static func make(_ spec: StageSpec, reuse: ReuseDefinition?, run: RunSpec, files: [TreeEntry]) throws -> Digest? {
        guard let reuse else { return nil }
        let content = Content(
            version: version,
            stage: spec.stage,
            steps: spec.steps,
            environment: spec.environment,
            needs: spec.context["needs"],
            seen: seen(spec),
            services: spec.services,
            shell: Shell.machine.description,
            secrets: spec.secrets,
            inputs: TreeHash.function(over: files)(reuse.inputs.sources) ?? "no file",
            takes: spec.takes,
            artifacts: spec.artifacts,
            reports: spec.reports,
            network: spec.network,
            isolation: run.isolation,
            platform: platform,
            searchPath: run.searchPath
        )
        return Digest.sha256(try JSON.encode(content))
    }

    /// The contexts that the steps' expressions name. A whole group where one value of it is named: a miss too many is no
    /// harm.
    private static func seen(_ spec: StageSpec) -> [String: Value] {
        let references =
            spec.steps.flatMap { $0.env.map(\.value.references) }
            + spec.steps.compactMap { $0.condition?.references }
        let hashes = references.contains { $0.functions.contains("hash") }
        var seen = spec.context.filter { name, _ in references.contains { $0.uses(name) } }
        // A digest of files is as good as the tree they stand in.
        if hashes { seen["tree"] = .string(spec.tree.description) }
        return seen
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
