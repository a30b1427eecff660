import Git
import RunnerCore
import RunnerEngine
import RunnerExecution
import RunnerStore

/// The document that `runner plan --json` prints. Documented in docs/cli.md.
struct PlanReport: Encodable {
    struct Value: Encodable {
        let text: String
        /// False: `text` is as written, and the stage's start settles it.
        let settled: Bool
        let problem: String?
    }

    struct Pipeline: Encodable {
        struct Concurrency: Encodable {
            let group: String
            let policy: RunnerCore.Concurrency.Policy?
        }

        let name: String
        let file: String
        let runs: Bool
        let reason: String
        let inputs: [String: RunnerCore.Value]
        let env: [String: Value]
        let concurrency: Concurrency?
        let stages: [Stage]
        let finally: [Stage]
    }

    struct Stage: Encodable {
        struct Step: Encodable {
            let name: String
            let condition: String?
            let timeoutSeconds: Double?
        }

        struct Deploy: Encodable {
            let environment: String
            let artifact: String?
            let gates: String
        }

        struct Cache: Encodable {
            struct Found: Encodable {
                let key: String
                let run: Int
                let exact: Bool
            }

            let key: Value
            let fallback: [Value]
            let paths: [String]
            let found: Found?
        }

        struct Taken: Encodable {
            let pipeline: String
            let name: String
            let place: String
            /// `nil` where no run has made it yet.
            let run: Int?
        }

        struct Artifact: Encodable {
            let name: String
            let paths: PatternList
            let keepSeconds: Double?
        }

        let name: String
        let stage: String
        let matrix: [String: String]
        let needs: [StageID]
        let verdict: String
        let reason: String
        let steps: [Step]
        let deploy: Deploy?
        let env: [String: Value]
        let secrets: [String]
        let image: Value?
        let services: [String]
        let timeoutSeconds: Double
        let resources: Resources
        let network: Network
        let attempts: Int
        let caches: [Cache]
        let takes: [Taken]
        let artifacts: [Artifact]
        let reuse: PatternList?
    }

    let event: RunEvent
    let notes: [String]
    let warnings: [Diagnostic]
    let pipelines: [Pipeline]

    static let gates = "decided by the server"

    init(_ planning: LocalPlanning, _ previews: [String: PlanPreview], limits: RunnerConfiguration.Limits) throws {
        event = planning.event.event
        notes = planning.event.notes
        warnings = planning.warnings
        pipelines = try planning.matches.map { match in
            let plan = planning.plans.first { $0.pipeline == match.pipeline.name && match.isMatch }
            let preview = previews[match.pipeline.name]
            func stages(_ list: [PlannedStage]?) throws -> [Stage] {
                try (list ?? []).compactMap { stage in try preview.map { try Stage(stage, $0, limits: limits) } }
            }
            return Pipeline(
                name: match.pipeline.name,
                file: match.pipeline.file,
                runs: match.isMatch,
                reason: match.reason,
                inputs: plan?.inputs ?? [:],
                env: Self.named(preview?.variables() ?? []),
                concurrency: plan?.concurrencyGroup.map { .init(group: $0, policy: plan?.concurrencyPolicy) },
                stages: try stages(plan?.stages),
                finally: try stages(plan?.finally)
            )
        }
    }

    fileprivate static func named(_ variables: [(name: String, value: PreviewedValue)]) -> [String: Value] {
        Dictionary(variables.map { ($0.name, Value($0.value)) }) { _, last in last }
    }
}

extension PlanReport.Value {
    init(_ value: PreviewedValue) {
        switch value {
        case .settled(let text): self.init(text: text, settled: true, problem: nil)
        case .atStart(let source): self.init(text: source, settled: false, problem: nil)
        case .wrong(let source, let why): self.init(text: source, settled: false, problem: why)
        }
    }
}

extension PlanReport.Stage {
    init(_ planned: PlannedStage, _ preview: PlanPreview, limits: RunnerConfiguration.Limits) throws {
        let definition = planned.definition
        name = planned.id.description
        stage = definition.name
        matrix = planned.matrix
        needs = planned.needs
        (verdict, reason) = planned.verdict.inWords
        switch definition.work {
        case .steps(let list):
            steps = list.map {
                Step(name: $0.name, condition: $0.condition?.source, timeoutSeconds: $0.timeout?.seconds)
            }
            deploy = nil
        case .deploy(let request):
            steps = []
            deploy = Deploy(environment: request.environment, artifact: request.artifact, gates: PlanReport.gates)
        }
        env = PlanReport.named(preview.variables(of: planned))
        secrets = definition.secrets
        image = preview.image(of: planned).map(PlanReport.Value.init)
        services = definition.services.map(\.name)
        timeoutSeconds = (definition.timeout ?? limits.timeout).seconds
        resources = definition.resources
        network = definition.network
        attempts = definition.retry.attempts
        caches = try preview.caches(of: planned).map(Cache.init)
        takes = try preview.takes(of: planned).map {
            Taken(pipeline: $0.need.pipeline, name: $0.need.name, place: $0.need.place, run: $0.run?.value)
        }
        artifacts = definition.artifacts.map {
            Artifact(name: $0.name, paths: $0.paths, keepSeconds: $0.keep?.seconds)
        }
        reuse = definition.reuse.map { $0.inputs ?? PatternList(["**"]) }
    }
}

extension PlanReport.Stage.Cache {
    init(_ cache: PlanPreview.Cache) {
        key = PlanReport.Value(cache.key)
        fallback = cache.fallback.map(PlanReport.Value.init)
        paths = cache.paths
        found = cache.hit.map { Found(key: $0.entry.key, run: $0.entry.run.value, exact: $0.isExact) }
    }
}

extension PlannedVerdict {
    /// `runs`, `skipped` or `depends`, and the reason.
    var inWords: (verdict: String, reason: String) {
        switch self {
        case .runs(let reason): ("runs", reason)
        case .skipped(let reason): ("skipped", reason)
        case .depends(let reason): ("depends", reason)
        }
    }
}
