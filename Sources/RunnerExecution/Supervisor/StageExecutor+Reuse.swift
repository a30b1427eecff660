import FoundationEssentials
import RunnerCore
import RunnerStore

/// Outcomes of earlier runs, taken instead of running.
extension StageExecutor {
    /// The outcome of the same work done before, if there is one.
    func reuse(_ stage: StageSpec, _ directory: StageDirectory) throws -> StageResult? {
        guard let key = stage.reuseKey, spec.reuses else { return nil }
        let earlier: StageResult?
        do {
            earlier = try ReuseStore(state).take(key, into: directory)
        } catch {
            record(stage.stage, .note("cannot take an earlier outcome: \(Failure.words(error, state: state))"))
            earlier = nil
        }
        guard var result = earlier else { return nil }
        result.startedAt = Date()
        write(&result, to: directory)
        return result
    }

    /// The outcomes that the run brings along, with their files put in place. Without those whose artifacts are gone:
    /// these stages are run.
    func takenOutcomes() -> [StageResult] {
        spec.taken.filter { stages[$0.stage] != nil }.compactMap { taken in
            let directory = directory.stage(taken.stage)
            do {
                try FileSystem.makeDirectories(directory.path)
                var earlier = taken.result
                earlier.stage = taken.stage
                guard var result = try ReuseStore(state).take(earlier, of: taken.run, into: directory) else {
                    record(taken.stage, .note("run \(taken.run) had it, but its artifacts are gone: running again"))
                    return nil
                }
                write(&result, to: directory)
                return result
            } catch {
                let words = Failure.words(error, state: state)
                record(taken.stage, .note("cannot take the outcome of run \(taken.run), running again: \(words)"))
                return nil
            }
        }
    }

    /// An outcome that cannot be remembered is one all the same.
    func remember(_ result: StageResult, _ key: Digest) {
        do {
            try ReuseStore(state).save(result, of: spec.number, key: key)
        } catch {
            record(result.stage, .note("not remembered for reuse: \(Failure.words(error, state: state))"))
        }
    }
}
