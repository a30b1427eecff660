import FoundationEssentials
import RunnerCore
import RunnerStore
import SystemPackage

/// What the live view knows of a run: made of its plan and the events so far, and of nothing else but the last lines of
/// logs.
struct LiveState: Sendable {
    /// What a running stage is at.
    enum Phase: Sendable, Hashable {
        case preparing
        case step(index: Int, name: String, log: String)
        case finishing
    }

    struct Running: Sendable, Hashable {
        let stage: StageID
        var startedAt: Date
        var attempt: Int
        var phase = Phase.preparing
        /// The end of the current step's log, cleaned.
        var lastLine = ""
    }

    /// What scrolls up: said once, never drawn again.
    enum Permanent: Sendable, Hashable {
        case stage(StageResult, notes: [String])
        case note(String)
    }

    let stages: [StageID]
    let stepCounts: [StageID: Int]
    let startedAt: Date
    private(set) var pending: [StageID]
    /// The longest first.
    private(set) var running: [Running] = []
    private(set) var outcomes: [Outcome] = []
    private(set) var isCanceling = false
    private var notes: [StageID: [String]] = [:]

    init(plan: Plan, startedAt: Date) {
        let planned = plan.stages + plan.finally
        stages = planned.map(\.id)
        pending = stages
        self.startedAt = startedAt
        let counts = planned.map { stage -> (StageID, Int) in
            guard case .steps(let steps) = stage.definition.work else { return (stage.id, 0) }
            return (stage.id, steps.count)
        }
        stepCounts = Dictionary(counts) { first, _ in first }
    }

    /// Takes an event in; returns what is to scroll up because of it.
    mutating func apply(_ record: RunRecord) -> Permanent? {
        guard let stage = record.stage else { return applyToRun(record.happening) }
        switch record.happening {
        case .stageStarted(let attempt): start(stage, attempt: attempt, at: record.time)
        case .stepStarted(let index, let name, let log):
            change(stage) {
                $0.phase = .step(index: index, name: name, log: log)
                $0.lastLine = ""
            }
        case .stepFinished:
            change(stage) {
                $0.phase = .finishing
                $0.lastLine = ""
            }
        case .note(let note): notes[stage, default: []].append(note)
        case .stageFinished(let result):
            pending.removeAll { $0 == stage }
            running.removeAll { $0.stage == stage }
            outcomes.append(result.outcome)
            return .stage(result, notes: notes.removeValue(forKey: stage) ?? [])
        case .runStarted, .cancelRequested, .deploymentWanted, .granted, .wants, .runFinished: break
        }
        return nil
    }

    /// What the log of a running stage ends with now.
    mutating func setLastLine(_ line: String, of stage: StageID) { change(stage) { $0.lastLine = line } }

    private mutating func applyToRun(_ happening: RunRecord.Happening) -> Permanent? {
        switch happening {
        case .cancelRequested(let reason):
            isCanceling = true
            return .note("\(reason): stages are ending")
        case .note(let note): return .note(note)
        case .runStarted, .stageStarted, .stepStarted, .stepFinished, .stageFinished, .deploymentWanted, .granted,
            .wants, .runFinished:
            return nil
        }
    }

    private mutating func start(_ stage: StageID, attempt: Int, at time: Date) {
        pending.removeAll { $0 == stage }
        running.removeAll { $0.stage == stage }
        running.append(Running(stage: stage, startedAt: time, attempt: attempt))
    }

    private mutating func change(_ stage: StageID, _ body: (inout Running) -> Void) {
        guard let index = running.firstIndex(where: { $0.stage == stage }) else { return }
        body(&running[index])
    }
}
