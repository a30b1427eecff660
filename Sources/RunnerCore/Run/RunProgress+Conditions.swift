extension RunProgress {
    /// What becomes of a stage whose needs have ended, or that a cancel ends.
    func judge(_ index: Int) -> Decision {
        let node = nodes[index]
        let id = node.stage.id
        if let cancelReason, !node.isFinally { return .skip(id, "the run was canceled: \(cancelReason)") }
        if let selected, !selected.contains(id) { return .skip(id, "not selected") }
        if let need = node.impossibleNeed { return .skip(id, "needs `\(need)`, which never ends before it") }
        if case .skipped(let reason) = node.stage.verdict { return .skip(id, reason) }
        if node.isFinally, let reason = refusedOutcome(for: node.stage.definition) { return .skip(id, reason) }
        let condition = node.stage.definition.condition
        let references = condition?.references ?? Expression.References()
        if !references.judgesNeeds, let reason = unmetNeed(of: node) { return .skip(id, reason) }
        guard let condition else { return .start(id) }
        let source = condition.source.onOneLine
        do throws(ExpressionError) {
            var context = context(at: index)
            if references.uses("env") { try context.define(plan.env + node.stage.definition.env) }
            let holds = try condition.evaluate(in: context).isTruthy
            return holds ? .start(id) : .skip(id, "if: \(source) is false")
        } catch {
            return .refuse(id, "if: \(source): \(error.message)")
        }
    }

    /// What `success()` and `failure()` say in the condition of a stage.
    func standing(of node: StageNode) -> EvaluationContext.Standing {
        let areNeedsMet = node.needs.allSatisfy { nodes[$0].outcome == .succeeded }
        let isAfterFailure = node.needs.contains { nodes[$0].isAfterFailure }
        guard node.isFinally else {
            return EvaluationContext.Standing(isSuccess: areNeedsMet, isFailure: isAfterFailure)
        }
        let soFar = stagesOutcome
        return EvaluationContext.Standing(
            isSuccess: areNeedsMet && soFar == .succeeded,
            isFailure: isAfterFailure || soFar.isFailure
        )
    }

    private func unmetNeed(of node: StageNode) -> String? {
        for need in node.needs {
            guard let outcome = nodes[need].outcome, outcome != .succeeded else { continue }
            let verb =
                switch outcome {
                case .succeeded, .failed, .errored, .timedOut: outcome.words
                case .canceled, .skipped, .superseded: "was \(outcome.words)"
                }
            return "needs `\(nodes[need].stage.id)`, which \(verb)"
        }
        return nil
    }

    private func refusedOutcome(for stage: StageDefinition) -> String? {
        let outcomes = stage.neededOutcomes
        let soFar = stagesOutcome
        guard !outcomes.isEmpty, !outcomes.contains(soFar) else { return nil }
        return "needs-outcome: \(outcomes.map(\.words).joined(separator: ", ")); the run is \(soFar.words)"
    }
}
