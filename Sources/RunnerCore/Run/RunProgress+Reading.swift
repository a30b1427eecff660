extension RunProgress {
    /// `nil` for a stage that the plan does not have.
    package func status(of stage: StageID) -> Status? { places[stage].map { nodes[$0].status } }

    /// Why a stage was skipped or refused; `nil` for all others.
    package func reason(for stage: StageID) -> String? { places[stage].flatMap { nodes[$0].reason } }

    /// What a stage gave to later ones.
    package func outputs(of stage: StageID) -> [String: String] { places[stage].map { nodes[$0].outputs } ?? [:] }

    /// The stages that run now, in the order of the plan.
    package var running: [StageID] { nodes.filter { $0.status == .running }.map(\.stage.id) }

    /// True once every stage, those of `finally` too, has ended.
    package var isFinished: Bool { nodes.allSatisfy(\.status.isFinished) }

    /// The outcome of the run as it stands; final once `isFinished`.
    package var outcome: Outcome {
        Outcome.rollUp(
            stages: nodes.prefix(plan.stages.count).compactMap(\.outcome),
            finally: nodes.dropFirst(plan.stages.count).compactMap(\.outcome),
            isCancelRequested: cancelReason != nil
        )
    }

    /// The outcome without `finally`: what `needs-outcome` is compared with.
    var stagesOutcome: Outcome {
        Outcome.rollUp(
            stages: nodes.prefix(plan.stages.count).compactMap(\.outcome),
            isCancelRequested: cancelReason != nil
        )
    }

    /// What the expressions of a stage may use as it starts: `ref`, `commit`, `pipeline`, `inputs`, `stage`, `matrix`,
    /// `needs`, `run`, and `env` with the variables given. The plan's and the stage's own variables are not in it yet:
    /// `define` adds them in their order. `nil` for a stage that the plan does not have.
    ///
    /// `needs` has the direct needs; for `finally`, every stage of the run too. Of a matrix it has the outcome of all
    /// cells together, and their outputs, where a later cell's wins.
    package func context(for stage: StageID, env: [String: String] = [:]) -> EvaluationContext? {
        guard let index = places[stage] else { return nil }
        var context = context(at: index)
        context.values["env"] = .object(env.mapValues(Value.string))
        return context
    }

    func context(at index: Int) -> EvaluationContext {
        let node = nodes[index]
        var context = EvaluationContext(event: plan.event, pipeline: plan.pipeline, inputs: plan.inputs, hash: hash)
        context.enter(node.stage)
        context.standing = standing(of: node)
        context.values["needs"] = needs(of: node)
        context.values["env"] = .object([:])
        if let runNumber { context.set("number", of: "run", to: .number(Double(runNumber.value))) }
        return context
    }

    private func needs(of node: StageNode) -> Value {
        let visible = (node.isFinally ? Array(plan.stages.indices) : []) + node.needs
        let stages = Dictionary(grouping: visible.map { nodes[$0] }, by: \.stage.definition.name)
        return .object(
            stages.mapValues { cells in
                let outcome = Outcome.rollUp(stages: cells.compactMap(\.outcome))
                let outputs = cells.reduce(into: [:]) { $0.merge($1.outputs) { _, later in later } }
                return .object([
                    "outcome": .string(outcome.rawValue), "outputs": .object(outputs.mapValues(Value.string)),
                ])
            }
        )
    }
}
