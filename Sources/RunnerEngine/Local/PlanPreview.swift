import Git
package import RunnerCore
import RunnerExecution
package import RunnerStore
import SystemPackage

/// A value of a plan, as far as it is known before anything has run.
package enum PreviewedValue: Sendable, Hashable {
    case settled(String)
    /// Only a stage's start settles it; as it is written.
    case atStart(String)
    /// As it is written, and why a stage that starts will not get it.
    case wrong(String, why: String)
}

/// The values that a stage of a plan will start with: worked out as at its start, where everything they use is known.
package struct PlanPreview: Sendable {
    private let plan: Plan
    private let context: EvaluationContext
    private let caches: CacheStore
    private let promotions: PromotionStore
    private let repository: String
    private let trust: RefTrust

    /// A cache of a stage and what is there for it now.
    package struct Cache: Sendable {
        package let key: PreviewedValue
        package let fallback: [PreviewedValue]
        package let paths: [String]
        /// `nil` where nothing is found, or where the key is not known yet.
        package let hit: CacheStore.Hit?
    }

    /// Reads the names of the tree's files, where the plan asks for a hash.
    package init(_ plan: Plan, in project: LocalProject, protected: ProtectedRefs = ProtectedRefs()) async throws {
        self.plan = plan
        promotions = PromotionStore(project.state)
        repository = project.name
        trust = protected.trust(in: plan.event)
        caches = CacheStore(project.state.layers.appending("caches"), repository: project.name)
        context = EvaluationContext(
            event: plan.event,
            pipeline: plan.pipeline,
            inputs: plan.inputs,
            hash: TreeHash.function(over: try await TreeHash.files(neededBy: plan, objects: project.store.path))
        )
    }

    /// The pipeline's own variables.
    package func variables() -> [(name: String, value: PreviewedValue)] {
        var context = context
        return Self.define(plan.env, in: &context)
    }

    /// The stage's own variables, over those of the pipeline.
    package func variables(of stage: PlannedStage) -> [(name: String, value: PreviewedValue)] {
        var context = context(of: stage, withItsOwn: false)
        return Self.define(stage.definition.env, in: &context)
    }

    package func caches(of stage: PlannedStage) throws -> [Cache] {
        let context = context(of: stage, withItsOwn: true)
        return try stage.definition.caches.map { cache in
            let key = Self.value(of: cache.key, in: context)
            let fallback = cache.fallback.map { Self.value(of: $0, in: context) }
            var hit: CacheStore.Hit?
            if let text = key.text {
                hit = try caches.find(CacheSpec(key: text, fallback: fallback.compactMap(\.text), paths: cache.paths))
            }
            return Cache(key: key, fallback: fallback, paths: cache.paths, hit: hit)
        }
    }

    /// What the stage takes from other pipelines, and the run that it would be taken from now.
    package func takes(of stage: PlannedStage) throws -> [(need: NeededArtifact, run: RunNumber?)] {
        try (stage.definition.neededArtifacts ?? []).map { need in
            let entry = try promotions.find(need, repository: repository, tree: plan.event.tree, trust)
            return (need, entry?.run)
        }
    }

    package func image(of stage: PlannedStage) -> PreviewedValue? {
        stage.definition.image.map { Self.value(of: $0, in: context(of: stage, withItsOwn: true)) }
    }

    private func context(of stage: PlannedStage, withItsOwn: Bool) -> EvaluationContext {
        var context = context
        context.enter(stage)
        _ = Self.define(plan.env, in: &context)
        if withItsOwn { _ = Self.define(stage.definition.env, in: &context) }
        return context
    }

    private static func define(
        _ variables: [Variable],
        in context: inout EvaluationContext
    ) -> [(name: String, value: PreviewedValue)] {
        variables.map { variable in
            let value = value(of: variable.value, in: context)
            if let text = value.text {
                context.set(variable.name, of: "env", to: .string(text))
            } else {
                context.forget(variable.name)
            }
            return (variable.name, value)
        }
    }

    private static func value(of template: Template, in context: EvaluationContext) -> PreviewedValue {
        var isKnown = true
        for case .expression(let expression) in template.segments where !context.knows(expression.references) {
            isKnown = false
        }
        guard isKnown else { return .atStart(template.source) }
        do throws(ExpressionError) {
            return .settled(try template.evaluate(in: context))
        } catch {
            return .wrong(template.source, why: error.message)
        }
    }
}

extension PreviewedValue {
    /// Where it is settled.
    package var text: String? {
        if case .settled(let text) = self { text } else { nil }
    }
}

extension EvaluationContext {
    /// False where only a run can tell: outcomes, outputs, its number, and variables that use them.
    fileprivate func knows(_ references: Expression.References) -> Bool {
        guard references.functions.allSatisfy({ !ExpressionNames.statusFunctions.contains($0) }) else { return false }
        return references.paths.allSatisfy { path in
            guard path.first == "env" else { return path.first.map { values[$0] != nil } ?? false }
            guard path.count > 1, case .object(let known)? = values["env"] else { return false }
            return known[path[1]] != nil
        }
    }

    fileprivate mutating func forget(_ variable: String) {
        guard case .object(var known)? = values["env"] else { return }
        known[variable] = nil
        values["env"] = .object(known)
    }
}
