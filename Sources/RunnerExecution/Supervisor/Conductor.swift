import FoundationEssentials
import RunnerCore
import RunnerStore

/// The run's state between two signals: what runs, what has ended, what is due. Pure but for the journal and the stages
/// that it hands out.
struct Conductor {
    /// What the supervisor waits for.
    enum Signal: Sendable {
        case stageEnded(StageResult)
        case command(SupervisorCommand)
    }

    private let executor: StageExecutor
    private let journal: Journal
    private let order: [StageID]
    private let finally: Set<StageID>
    private var progress: RunProgress
    private var results: [StageID: StageResult] = [:]
    private var stops: [StageID: StopSignal] = [:]
    /// Stages that wait for the daemon to deploy something.
    private var deploying: Set<StageID> = []
    /// Why nothing starts any more, `finally` neither.
    private var killReason: String?
    private let isGranted: Bool
    /// As last told.
    private var demand = RunDemand()

    init(_ spec: RunSpec, _ executor: StageExecutor, _ journal: Journal) {
        self.executor = executor
        self.journal = journal
        order = (spec.plan.stages + spec.plan.finally).map(\.id)
        finally = Set(spec.plan.finally.map(\.id))
        isGranted = spec.isGranted
        progress = RunProgress(
            plan: spec.plan,
            slots: spec.slots,
            capacity: spec.capacity,
            runNumber: spec.number,
            hash: executor.hash,
            selected: spec.selected.map { $0.union(spec.taken.map(\.stage)) }
        )
    }

    var isFinished: Bool { progress.isFinished }
    var outcome: Outcome { progress.outcome }
    var cancelReason: String? { progress.cancelReason }
    var resultsInOrder: [StageResult] { order.compactMap { results[$0] } }

    /// Settles stages as earlier runs had them.
    mutating func take(_ earlier: [StageResult]) {
        for result in earlier { end(result, .taken(result.stage, result.outcome, outputs: result.outputs)) }
    }

    /// Settles what needs no work and returns what does, to be run side by side.
    mutating func startDue() -> [@Sendable () async -> StageResult] {
        var due: [@Sendable () async -> StageResult] = []
        // What is settled here may make more due.
        while true {
            // What is being deployed ends as the daemon says, also after a cancel: it may have to be taken back first.
            let decisions = progress.next().filter { !deploying.contains($0.stage) }
            if decisions.isEmpty {
                tellDemand()
                return due
            }
            for decision in decisions {
                switch decision {
                case .skip(let id, let reason): settle(id, .skipped, reason, .skipped(id, reason))
                case .refuse(let id, let reason): settle(id, .errored, reason, .refused(id, reason))
                case .start(let id):
                    if let killReason {
                        settle(id, .skipped, killReason, .skipped(id, killReason))
                        continue
                    }
                    if let work = start(id) { due.append(work) }
                }
            }
        }
    }

    mutating func take(_ signal: Signal) {
        switch signal {
        case .stageEnded(let result):
            stops[result.stage] = nil
            end(result, .finished(result.stage, result.outcome, outputs: result.outputs))
        case .command(.cancel): end(killing: false)
        case .command(.kill): end(killing: true)
        case .command(.deployed): takeDeployments()
        case .command(.grant(let grant)): apply(grant)
        }
    }

    private mutating func end(killing isKill: Bool) {
        let reason = isKill ? "killed on request" : "canceled on request"
        journal.record(RunRecord(stage: nil, .cancelRequested(reason)))
        let isSecond = progress.cancelReason != nil
        if isKill {
            killReason = reason
            // What would start now is settled instead, which takes no room.
            progress.setBudget(slots: .max, capacity: Resources())
        }
        apply(.cancelRequested(reason))
        if isKill {
            for stage in deploying { settleDeployment(stage, DeployAnswer(outcome: .canceled, reason: reason)) }
        }
        for (stage, stop) in stops {
            if isKill {
                stop.ask(.kill(reason))
            } else if isSecond || !finally.contains(stage) {
                // A second request means what runs now, `finally` too.
                stop.ask(.cancel(reason))
            }
        }
    }

    private mutating func apply(_ grant: RunGrant) {
        if killReason == nil { progress.setBudget(slots: grant.slots, capacity: grant.capacity) }
        journal.record(
            RunRecord(
                stage: nil,
                .granted(slots: grant.slots, cpu: grant.cpu, memory: grant.memory, running: stops.count)
            )
        )
    }

    private mutating func tellDemand() {
        guard isGranted, progress.demand != demand else { return }
        demand = progress.demand
        journal.record(
            RunRecord(stage: nil, .wants(slots: demand.slots, cpu: demand.cpu, memory: demand.memory))
        )
    }

    private mutating func start(_ id: StageID) -> (@Sendable () async -> StageResult)? {
        guard let context = progress.context(for: id), let planned = executor.planned(id) else {
            settle(id, .errored, "the plan does not have it", .refused(id, "the plan does not have it"))
            return nil
        }
        guard case .steps(let steps) = planned.definition.work else {
            begin(deploymentOf: planned)
            return nil
        }
        apply(.started(id))
        let stop = StopSignal()
        stops[id] = stop
        let needs = planned.needs.compactMap { results[$0] }
        return { [executor] in
            await executor.run(planned, steps: steps, context: context, needs: needs, stop: stop)
        }
    }

    private mutating func begin(deploymentOf planned: PlannedStage) {
        let id = planned.id
        guard case .deploy(let request) = planned.definition.work else {
            return settle(id, .errored, "there is nothing to run", .refused(id, "there is nothing to run"))
        }
        guard isGranted else {
            let what = request.artifact.map { "artifact `\($0)` " } ?? ""
            let reason = "would deploy \(what)to environment `\(request.environment)`, which only a server can"
            return settle(id, .skipped, reason, .skipped(id, reason))
        }
        let made = results.values.flatMap(\.artifacts).filter { $0.name == request.artifact }
        if let name = request.artifact, Set(made.map(\.digest)).count != 1 {
            let reason =
                "cannot deploy artifact `\(name)`: \(made.isEmpty ? "no stage" : "more than one stage") made it"
            return settle(id, .errored, reason, .refused(id, reason))
        }
        apply(.handedOver(id, "for environment \(request.environment)"))
        deploying.insert(id)
        let wish = DeployWish(environment: request.environment, artifact: made.first)
        journal.record(RunRecord(stage: id, .deploymentWanted(wish)))
    }

    private mutating func takeDeployments() {
        for stage in deploying {
            do {
                guard let answer = try executor.deployAnswer(for: stage) else { continue }
                settleDeployment(stage, answer)
            } catch {
                settleDeployment(
                    stage,
                    DeployAnswer(outcome: .errored, reason: "cannot read what became of it: \(error)")
                )
            }
        }
    }

    private mutating func settleDeployment(_ stage: StageID, _ answer: DeployAnswer) {
        deploying.remove(stage)
        var result = StageResult(stage: stage, outcome: answer.outcome, reason: answer.reason, startedAt: Date())
        result.outputs = answer.outputs
        end(result, .taken(stage, answer.outcome, outputs: answer.outputs))
    }

    private mutating func settle(_ id: StageID, _ outcome: Outcome, _ reason: String, _ change: StageChange) {
        end(StageResult(stage: id, outcome: outcome, reason: reason, startedAt: Date()), change)
    }

    private mutating func end(_ result: StageResult, _ change: StageChange) {
        results[result.stage] = result
        apply(change)
        journal.record(RunRecord(stage: result.stage, .stageFinished(result)))
    }

    /// A change that the state machine refuses is a mistake of this file: the journal tells.
    private mutating func apply(_ change: StageChange) {
        do {
            try progress.apply(change)
        } catch {
            journal.record(RunRecord(stage: nil, .note("internal: \(error)")))
        }
    }
}
