import FoundationEssentials
import Git
import RunnerCore
import RunnerStore

/// The runs that have begun, with what each uses and may use: kept up by what their supervisors write down. A pure value.
struct ActiveRuns {
    private struct Entry {
        var run: RunQueue.Active
        var stages: [StageID: Grant]
        var running: Set<StageID> = []
    }

    private var entries: [RunNumber: Entry] = [:]

    var numbers: [RunNumber] { entries.keys.sorted() }
    var count: Int { entries.count }
    var usedSlots: Int { entries.values.reduce(0) { $0 + $1.run.used.slots } }
    var queue: [RunQueue.Active] { entries.values.map(\.run).sorted { $0.number < $1.number } }

    func contains(_ run: RunNumber) -> Bool { entries[run] != nil }

    mutating func begin(_ row: RunRow, _ plan: Plan, share: Grant, trust: RefTrust) {
        let all = plan.stages + plan.finally
        let stages = all.map { stage in
            let resources = stage.definition.resources
            return (stage.id, Grant(slots: 1, cpu: resources.cpu ?? 1, memory: resources.memory ?? 0))
        }
        let run = RunQueue.Active(
            number: row.number,
            repository: String(row.repositoryID.value),
            priority: row.priority,
            createdAt: row.createdAt,
            demand: plan.initialDemand,
            used: .nothing,
            granted: share,
            asked: share,
            isCanceled: row.cancelReason != nil,
            work: RunQueue.Work(pipeline: row.pipeline, tree: row.event.tree.description, trust: trust)
        )
        entries[row.number] = Entry(run: run, stages: Dictionary(stages) { first, _ in first })
    }

    mutating func end(_ run: RunNumber) { entries[run] = nil }

    mutating func ask(_ run: RunNumber, _ grant: Grant) { entries[run]?.run.asked = grant }

    mutating func cancel(_ run: RunNumber) { entries[run]?.run.isCanceled = true }

    /// True where shares may have to change.
    mutating func take(_ record: RunRecord, of run: RunNumber) -> Bool {
        guard var entry = entries[run] else { return false }
        defer { entries[run] = entry }
        switch record.happening {
        case .stageStarted:
            guard let stage = record.stage, entry.running.insert(stage).inserted else { return false }
            entry.run.used = entry.run.used + (entry.stages[stage] ?? Grant(slots: 1, cpu: 1, memory: 0))
            return false
        case .stageFinished(let result):
            guard entry.running.remove(result.stage) != nil else { return false }
            entry.run.used =
                entry.running.isEmpty
                ? .nothing : entry.run.used - (entry.stages[result.stage] ?? Grant(slots: 1, cpu: 1, memory: 0))
            return true
        case .granted(let slots, let cpu, let memory, _):
            entry.run.granted = Grant(slots: slots, cpu: cpu ?? 0, memory: memory ?? 0)
            return true
        case .wants(let slots, let cpu, let memory):
            entry.run.demand = Grant(slots: slots, cpu: cpu, memory: memory)
            return true
        case .runStarted, .stepStarted, .stepFinished, .note, .deploymentWanted, .cancelRequested, .runFinished:
            return false
        }
    }
}
