import RunnerCore
import RunnerStore

/// Holds back that a step has ended until its log is here, so that no line comes after the end. Other stages go on.
struct HeldRecords {
    private var waiting: [StageID: [RunRecord]] = [:]
    private var open: Set<StageID> = []

    /// The log of the stage's step is being followed from now on.
    mutating func begin(_ stage: StageID) { open.insert(stage) }

    /// True for a record that has to wait; `end` gives it back.
    mutating func holds(_ record: RunRecord) -> Bool {
        guard let stage = record.stage else { return false }
        guard waiting[stage] == nil else {
            waiting[stage]?.append(record)
            return true
        }
        guard open.contains(stage) else { return false }
        switch record.happening {
        case .stepFinished, .stageFinished, .stepStarted, .stageStarted:
            waiting[stage] = [record]
            return true
        case .runStarted, .note, .cancelRequested, .deploymentWanted, .granted, .wants, .runFinished: return false
        }
    }

    /// The log has come to its end: what waited for it, in order.
    mutating func end(_ stage: StageID) -> [RunRecord] {
        open.remove(stage)
        return waiting.removeValue(forKey: stage) ?? []
    }

    var isEmpty: Bool { open.isEmpty && waiting.isEmpty }
}
