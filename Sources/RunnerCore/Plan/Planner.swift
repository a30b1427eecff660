/// Decides what runs: pure functions from pipelines and an event to values.
package enum Planner {
    /// Most stages of one plan, matrix expanded.
    package static let mostStages = 2_000

    /// Lays out what a pipeline would do for an event.
    ///
    /// `selecting` names stages, or single cells as `test (sqlite)`; they come with all that they need, and stages of
    /// `finally` only where they are named. `hash` looks at the files of the event's tree; without it conditions that
    /// use `hash()` are left open. Throws all diagnostics at once; those about an expression stand at its stage.
    package static func plan(
        _ pipeline: Pipeline,
        event: RunEvent,
        reason: String,
        selecting: [String]? = nil,
        hash: EvaluationContext.Hash? = nil
    ) throws(DiagnosticsError) -> Plan {
        var expansion = try PlanExpansion(pipeline, event, hash)
        var stages = expansion.expand(pipeline.stages, isFinally: false)
        var finally = expansion.expand(pipeline.finally, isFinally: true)
        if let selecting {
            expansion.checkSelection(selecting, among: stages + finally)
            stages = select(selecting, of: stages)
            finally = select(selecting, of: finally)
        }
        let group = expansion.concurrencyGroup()
        guard expansion.diagnostics.isEmpty else { throw DiagnosticsError(expansion.diagnostics) }
        var resolved = event
        resolved.inputs = expansion.inputs.compactMapValues { $0 == .null ? nil : $0.text }
        return Plan(
            pipeline: pipeline.name,
            file: pipeline.file,
            event: resolved,
            reason: reason,
            inputs: expansion.inputs,
            env: pipeline.env,
            concurrencyGroup: group,
            concurrencyPolicy: pipeline.concurrency?.policy,
            stages: stages,
            finally: finally
        )
    }

    /// Those named and all that they need. Needs stand before their stages, so one walk from the end finds all.
    private static func select(_ names: [String], of stages: [PlannedStage]) -> [PlannedStage] {
        var wanted = Set(names.map(StageID.init))
        let named = Set(names)
        for stage in stages.reversed() where wanted.contains(stage.id) || named.contains(stage.definition.name) {
            wanted.insert(stage.id)
            wanted.formUnion(stage.needs)
        }
        return stages.filter { wanted.contains($0.id) }
    }
}
