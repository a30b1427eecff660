import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// A stage as the database has it, with what its files tell of steps, logs and outputs.
struct StageReader {
    let directory: StageDirectory
    let row: StageRow
    /// `nil` where no plan is left.
    let planned: PlannedStage?

    func view() throws -> StageView {
        let result = try JSON.read(StageResult.self, at: directory.result)
        var outcome: Outcome?
        if case .finished(let value) = row.status { outcome = value }
        return StageView(
            name: row.stage.description,
            isFinally: row.isFinally,
            needs: planned?.needs.map(\.description) ?? [],
            status: StatusName(row.status),
            outcome: outcome,
            reason: row.reason,
            attempt: row.attempt,
            startedAt: row.startedAt,
            seconds: row.seconds,
            reusedFrom: row.reusedFrom?.value,
            keptWorkspace: result?.keptWorkspace,
            steps: try steps(result),
            artifacts: result?.artifacts.map(ArtifactView.init) ?? [],
            outputs: result?.outputs ?? [:],
            phases: result?.phases ?? [:]
        )
    }

    private func steps(_ result: StageResult?) throws -> [StepView] {
        let logs = Dictionary(StageLogs(directory).all) { old, _ in old }
        let happened = try happened()
        let names = try names(result)
        return try names.indices.map { index in
            var step = StepView(index: index, name: names[index], status: .pending)
            if let log = logs[index], let file = try OpenFile(log) {
                step.log = LogView(file: log.lastComponent?.string ?? "", bytes: file.size)
            }
            if let result, result.steps.indices.contains(index) {
                step.status = .finished
                step.outcome = result.steps[index].outcome
                step.exitCode = result.steps[index].exitCode
                step.seconds = result.steps[index].seconds
                step.reason = result.steps[index].reason
            } else if let now = happened[index] {
                (step.status, step.outcome, step.exitCode, step.seconds) = now
            }
            // Of a stage that has ended, nothing runs any more.
            if row.status.isFinished, step.status != .finished { step.status = .finished }
            return step
        }
    }

    /// As settled, else as ended, else as planned.
    private func names(_ result: StageResult?) throws -> [String] {
        if let spec = try JSON.read(StageSpec.self, at: directory.spec) { return spec.steps.map(\.name) }
        if let result, !result.steps.isEmpty { return result.steps.map(\.name) }
        if case .steps(let steps) = planned?.definition.work { return steps.map(\.name) }
        return []
    }

    private typealias Happened = (StatusName, Outcome?, Int32?, Double?)

    private func happened() throws -> [Int: Happened] {
        guard let file = try OpenFile(directory.events) else { return [:] }
        var lines = LineReader(file, from: 0)
        var steps: [Int: Happened] = [:]
        while let line = try lines.next() {
            // A line that cannot be understood is from another version.
            guard let record = try? JSON.decode(RunRecord.self, from: Data(line.bytes)) else { continue }
            switch record.happening {
            case .stepStarted(let index, _, _): steps[index] = (.running, nil, nil, nil)
            case .stepFinished(let index, _, let outcome, let code, let seconds):
                steps[index] = (.finished, outcome, code, seconds)
            default: break
            }
        }
        return steps
    }
}

extension ArtifactView {
    fileprivate init(_ reference: ArtifactReference) {
        self.init(
            name: reference.name,
            digest: reference.digest.description,
            files: reference.files,
            bytes: reference.bytes
        )
    }
}
