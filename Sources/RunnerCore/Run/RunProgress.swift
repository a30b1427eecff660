/// The state of a run and what comes next: a pure value that the supervisor drives.
///
/// `next()` says what to do, `apply` takes in what happened; a decision comes again until its change was applied.
///
/// Which stage starts, once all its needs have ended:
///
/// | its needs | no `if`, or one that does not judge needs | an `if` with `success()`, `failure()`, `always()` or `needs.X.outcome` |
/// |---|---|---|
/// | all succeeded | starts where the condition holds | the condition alone decides; `success()` is true |
/// | one failed, errored or timed out | skipped | `failure()` is true |
/// | one canceled, superseded, or skipped by its own `if` | skipped | `success()` and `failure()` are false |
/// | one skipped as a stage before it failed | skipped | `failure()` is true: it sees all stages before |
///
/// Once a cancel is requested only stages of `finally` start, `always()` or not. Those wait for all others; `success()`
/// and `failure()` there speak of the run so far, and `needs-outcome` is compared with it. Stages start in the order of
/// the plan. One that does not fit beside the running ones holds back those behind it, so that it is not overtaken for
/// ever; one that asks for more than the machine has runs alone.
package struct RunProgress: Sendable {
    package let plan: Plan
    package let runNumber: RunNumber?
    let hash: EvaluationContext.Hash?
    /// `nil` means all.
    let selected: Set<StageID>?
    /// Why the run is to end, once that was requested.
    package private(set) var cancelReason: String?

    var nodes: [StageNode]
    var places: [StageID: Int] = [:]
    private var budget: ResourceBudget
    private var startable = SortedIndices()
    private var unanswered = SortedIndices()
    private var openStages: Int

    /// `slots` is how many stages run at a time, `capacity` what they may take together; what is `nil` there is not
    /// limited. Both change with `setBudget`. Stages that are not `selected` are skipped, unless they are taken. A stage that does not say how many processors it takes counts as one.
    package init(
        plan: Plan,
        slots: Int,
        capacity: Resources = Resources(),
        runNumber: RunNumber? = nil,
        hash: EvaluationContext.Hash? = nil,
        selected: Set<StageID>? = nil
    ) {
        self.plan = plan
        self.runNumber = runNumber
        self.hash = hash
        self.selected = selected
        nodes = StageNode.graph(of: plan)
        budget = ResourceBudget(slots: slots, capacity: capacity)
        openStages = plan.stages.count
        for (index, node) in nodes.enumerated() where places[node.stage.id] == nil { places[node.stage.id] = index }
        for index in plan.stages.indices where nodes[index].openNeeds == 0 { decide(on: index) }
        openFinallyIfDue()
    }

    /// From now on other bounds hold. Running stages stay; nothing new starts beyond the bounds, and with no slots nothing
    /// at all.
    package mutating func setBudget(slots: Int, capacity: Resources) {
        budget.slots = slots
        budget.capacity = capacity
    }

    /// What the stages that run, or could start at once, would take together without any bounds.
    package var demand: RunDemand {
        var demand = RunDemand()
        for node in nodes where node.status == .running { demand.add(node.resources) }
        for index in startable { demand.add(nodes[index].resources) }
        return demand
    }

    /// What to do now, in the order of the plan. In time proportional to the number of decisions.
    package func next() -> [Decision] {
        var decisions = unanswered.compactMap { nodes[$0].decision }
        var budget = budget
        for index in startable {
            guard budget.fits(nodes[index].resources) else { break }
            budget.take(nodes[index].resources)
            decisions.append(.start(nodes[index].stage.id))
        }
        return decisions
    }

    /// Takes in what happened; a second request to cancel changes nothing. Throws where a stage cannot change so, and
    /// then nothing has changed.
    package mutating func apply(_ change: StageChange) throws(TransitionError) {
        switch change {
        case .waits(let stage, let reason): _ = try move(stage, to: .waiting(reason))
        case .handedOver(let stage, let reason):
            let index = try place(of: stage)
            guard nodes[index].decision == .start(stage) else { throw .notReady(stage) }
            // What somebody else does takes no slot here.
            startable.remove(try move(stage, to: .waiting(reason)))
        case .started(let stage):
            let index = try place(of: stage)
            let status = try nodes[index].status.apply(.running, to: stage)
            guard nodes[index].decision == .start(stage) else { throw .notReady(stage) }
            nodes[index].status = status
            startable.remove(index)
            budget.take(nodes[index].resources)
        case .finished(let stage, let outcome, let outputs):
            let wasRunning = try nodes[place(of: stage)].status == .running
            let index = try move(stage, to: .finished(outcome))
            nodes[index].outputs = outputs
            if wasRunning { budget.release(nodes[index].resources) }
            settle(index, outcome)
        case .taken(let stage, let outcome, let outputs):
            let index = try place(of: stage)
            nodes[index].status = try nodes[index].status.take(outcome, for: stage)
            nodes[index].outputs = outputs
            settle(index, outcome)
        case .skipped(let stage, let reason): try end(stage, .skipped, reason)
        case .refused(let stage, let reason): try end(stage, .errored, reason)
        case .cancelRequested(let reason): cancel(reason)
        }
    }

    // MARK: - Changes

    func place(of stage: StageID) throws(TransitionError) -> Int {
        guard let index = places[stage] else { throw .unknownStage(stage) }
        return index
    }

    private mutating func move(_ stage: StageID, to status: Status) throws(TransitionError) -> Int {
        let index = try place(of: stage)
        nodes[index].status = try nodes[index].status.apply(status, to: stage)
        return index
    }

    /// Ends a stage that never ran.
    private mutating func end(_ stage: StageID, _ outcome: Outcome, _ reason: String) throws(TransitionError) {
        guard try nodes[place(of: stage)].status != .running else {
            throw .illegal(stage, from: .running, to: .finished(outcome))
        }
        let index = try move(stage, to: .finished(outcome))
        nodes[index].reason = reason
        settle(index, outcome)
    }

    /// Passes on that a stage has ended.
    private mutating func settle(_ index: Int, _ outcome: Outcome) {
        startable.remove(index)
        unanswered.remove(index)
        nodes[index].isAfterFailure =
            outcome.isFailure || nodes[index].needs.contains { nodes[$0].isAfterFailure }
        for dependent in nodes[index].dependents {
            nodes[dependent].openNeeds -= 1
            if nodes[dependent].openNeeds == 0, !nodes[dependent].isFinally || openStages == 0 { decide(on: dependent) }
        }
        guard !nodes[index].isFinally else { return }
        openStages -= 1
        openFinallyIfDue()
    }

    private mutating func openFinallyIfDue() {
        guard openStages == 0 else { return }
        for index in nodes.indices.dropFirst(plan.stages.count) where nodes[index].openNeeds == 0 {
            decide(on: index)
        }
    }

    private mutating func cancel(_ reason: String) {
        guard cancelReason == nil else { return }
        cancelReason = reason
        for index in plan.stages.indices {
            switch nodes[index].status {
            case .pending, .waiting:
                nodes[index].decision = nil
                startable.remove(index)
                decide(on: index)
            case .running, .finished: break
            }
        }
    }

    /// Decides once, and lays the decision out for `next()`.
    private mutating func decide(on index: Int) {
        guard nodes[index].decision == nil, !nodes[index].status.isFinished else { return }
        let decision = judge(index)
        nodes[index].decision = decision
        switch decision {
        case .start: startable.insert(index)
        case .skip, .refuse: unanswered.insert(index)
        }
    }
}
