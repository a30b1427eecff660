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

    func spec(_ planned: PlannedStage, steps: [StepDefinition], attempt: Int) throws -> StageSpec {
        let definition = planned.definition
        var context = context
        try context.define(run.plan.env)
        try context.define(definition.env)
        var spec = StageSpec(
            run: run.number,
            stage: planned.id,
            attempt: attempt,
            steps: steps.map(Self.step),
            environment: Self.variables(context),
            context: context.values,
            secrets: definition.secrets,
            tree: run.plan.event.tree,
            layers: run.layers,
            network: definition.network,
            timeout: definition.timeout ?? run.limits.timeout,
            grace: definition.grace ?? run.limits.grace
        )
        spec.caches = try definition.caches.map { cache in
            try CacheSpec(
                key: cache.key.evaluate(in: context),
                fallback: cache.fallback.map { try $0.evaluate(in: context) },
                paths: cache.paths
            )
        }
        spec.takes = needs.flatMap(\.artifacts)
        spec.artifacts = definition.artifacts
        spec.reports = definition.reports
        return spec
    }

    private static func step(_ definition: StepDefinition) -> StepSpec {
        StepSpec(
            name: definition.name,
            run: definition.run,
            condition: definition.condition,
            environment: definition.env,
            directory: definition.directory,
            timeout: definition.timeout
        )
    }

    private static func variables(_ context: EvaluationContext) -> [String: String] {
        guard case .object(let values)? = context.values["env"] else { return [:] }
        return values.compactMapValues(\.text)
    }
}
