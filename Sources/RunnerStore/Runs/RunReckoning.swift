import FoundationEssentials
package import RunnerCore

/// Makes the result of a run whose supervisor is gone without having written one.
package enum RunReckoning {
    /// What the stages had written down; everything else, and with it the run, `errored`.
    package static func result(of run: RunDirectory, plan: Plan, because reason: String) -> RunResult {
        let told = events(of: run)
        let known = run.stageResults
        let stages = (plan.stages + plan.finally).map { stage -> StageResult in
            if let result = known[stage.id] { return result }
            let own = told.filter { $0.stage == stage.id }
            if let end = own.lazy.compactMap(\.endWithoutRecord).first { return end }
            let words = own.isEmpty ? "it had not begun when the supervisor ended" : "it left no result"
            let startedAt = own.first?.time ?? told.last?.time ?? Date()
            return StageResult(stage: stage.id, outcome: .errored, reason: words, startedAt: startedAt)
        }
        let startedAt = told.first?.time ?? Date()
        return RunResult(
            number: run.number,
            outcome: .errored,
            reason: reason,
            startedAt: startedAt,
            seconds: told.last.map { max(0, $0.time.timeIntervalSince(startedAt)) } ?? 0,
            stages: stages,
            peakKibibytes: 0
        )
    }

    /// As far as they can be read.
    package static func events(of run: RunDirectory) -> [RunRecord] {
        let reader = EventReader(run)
        var records: [RunRecord] = []
        var offset: Int64 = 0
        while let batch = try? reader.read(from: offset) {
            records += batch.records
            offset = batch.offset
            if batch.isAtEnd { break }
        }
        return records
    }
}

extension RunRecord {
    /// The end of a stage that is believed without a record of its own: one that never ran leaves none. Success is not.
    fileprivate var endWithoutRecord: StageResult? {
        guard case .stageFinished(let result) = happening, result.outcome != .succeeded else { return nil }
        return result
    }
}
