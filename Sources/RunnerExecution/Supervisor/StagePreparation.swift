import Git
import RunnerCore
import RunnerStore
import SystemPackage

/// Settles a stage's values once its needs have ended: variables, cache keys, artifacts taken.
struct StagePreparation: Sendable {
    let run: RunSpec
    let context: EvaluationContext
    /// Results of the needed stages.
    let needs: [StageResult]
    let promotions: PromotionStore

    func spec(_ planned: PlannedStage, steps: [StepDefinition], attempt: Int) throws -> StageSpec {
        let definition = planned.definition
        var context = context
        try context.define(run.plan.env)
        try context.define(definition.env)
        var spec = StageSpec(
            run: run.number,
            stage: planned.id,
            attempt: attempt,
            steps: steps,
            environment: Self.variables(context),
            context: context.values,
            secrets: definition.secrets,
            tree: run.plan.event.tree,
            layers: run.layers,
            network: definition.network,
            timeout: definition.timeout ?? run.limits.timeout,
            grace: definition.grace ?? run.limits.grace
        )
        spec.secretFiles = definition.secretFiles
        spec.caches = try definition.caches.map { cache in
            try CacheSpec(
                key: cache.key.evaluate(in: context),
                fallback: cache.fallback.map { try $0.evaluate(in: context) },
                paths: cache.paths
            )
        }
        spec.takes = needs.flatMap { need in
            need.artifacts.map { TakenArtifact(stage: need.stage, reference: $0.withoutProvenance) }
        }
        for need in definition.neededArtifacts ?? [] { spec.takes += try promotions.take(need, for: run) }
        spec.artifacts = definition.artifacts
        spec.reports = definition.reports
        spec.services = try definition.services.compactMap { try service($0, context) }
        return spec
    }

    /// `nil` where its `when` is false.
    private func service(_ definition: ServiceDefinition, _ context: EvaluationContext) throws -> ServiceSpec? {
        if let condition = definition.condition, try !condition.evaluate(in: context).isTruthy { return nil }
        guard let run = definition.run else { return nil }
        var environment: [String: String] = [:]
        for variable in definition.env { environment[variable.name] = try variable.value.evaluate(in: context) }
        return ServiceSpec(name: definition.name, run: run, ready: definition.ready, environment: environment)
    }

    private static func variables(_ context: EvaluationContext) -> [String: String] {
        guard case .object(let values)? = context.values["env"] else { return [:] }
        return values.compactMapValues(\.text)
    }
}
