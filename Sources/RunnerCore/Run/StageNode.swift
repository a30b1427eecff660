/// One stage of a running plan, with its place in the graph.
struct StageNode: Sendable {
    let stage: PlannedStage
    let isFinally: Bool
    /// Places of the stages needed.
    var needs: [Int] = []
    var dependents: [Int] = []
    /// How many needs have not ended.
    var openNeeds = 0
    var status = Status.pending
    /// Why it was skipped or refused.
    var reason: String?
    var outputs: [String: String] = [:]
    /// It, or a stage somewhere before it, failed, errored or timed out.
    var isAfterFailure = false
    /// `nil` until all needs have ended.
    var decision: Decision?
    /// A need that the plan does not have, or the stage itself: it can never start.
    var impossibleNeed: StageID?

    /// `nil` until it has ended.
    var outcome: Outcome? {
        switch status {
        case .finished(let outcome): outcome
        case .pending, .waiting, .running: nil
        }
    }

    var resources: Resources { stage.definition.resources }

    /// The nodes of all stages, then of all of `finally`. A plan with circles or unknown needs is taken too: stages
    /// that could never start have an `impossibleNeed` and wait for nothing.
    static func graph(of plan: Plan) -> [StageNode] {
        let main = part(plan.stages, isFinally: false, from: 0)
        return main + part(plan.finally, isFinally: true, from: main.count)
    }

    private static func part(_ stages: [PlannedStage], isFinally: Bool, from start: Int) -> [StageNode] {
        var nodes = stages.map { StageNode(stage: $0, isFinally: isFinally) }
        let places = Dictionary(stages.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let needs = stages.map { stage in stage.needs.compactMap { places[$0] } }
        var isPlaced = [Bool](repeating: false, count: stages.count)
        for index in StageOrder.order(needs: needs) { isPlaced[index] = true }
        for (index, stage) in stages.enumerated() {
            let circular = isPlaced[index] ? nil : needs[index].first { !isPlaced[$0] }.map { stages[$0].id }
            nodes[index].impossibleNeed = stage.needs.first { places[$0] == nil } ?? circular
            guard nodes[index].impossibleNeed == nil else { continue }
            nodes[index].needs = needs[index].map { $0 + start }
            nodes[index].openNeeds = needs[index].count
            for need in needs[index] { nodes[need].dependents.append(index + start) }
        }
        return nodes
    }
}
