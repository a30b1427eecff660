import FoundationEssentials
import RunnerCore
import RunnerStore
import SystemPackage

/// Outcomes of earlier runs, taken instead of running.
extension StageExecutor {
    /// What reuse makes of a stage run that is about to begin.
    struct ReuseChoice {
        /// `nil` for a stage that is not to be remembered.
        var key: StageKey?
        /// The outcome to take.
        var outcome: OutcomeRecord?
        /// The outcome to compare with.
        var verifies: OutcomeRecord?
    }

    /// Works out the stage's key, writes down what it is made of, and decides. Nothing here may fail a stage: at worst it
    /// runs.
    func chooseReuse(
        _ spec: inout StageSpec,
        _ planned: PlannedStage,
        _ directory: StageDirectory
    ) async throws -> ReuseChoice {
        guard let definition = planned.definition.reuse, let key = await key(of: spec, planned, definition) else {
            return ReuseChoice()
        }
        spec.reuseKey = key.digest
        var choice = ReuseChoice(key: key)
        let decision: StageKeyRecord.Decision
        do {
            decision = try await decide(key, spec.stage, definition, &choice)
        } catch {
            record(spec.stage, .note("cannot look for an earlier outcome: \(Failure.words(error, state: state))"))
            decision = .missed(nearest: nil, differs: [])
        }
        let record = StageKeyRecord(
            key: key,
            tree: spec.tree,
            inputs: definition.inputs?.sources,
            decision: decision
        )
        try JSON.write(record, to: directory.key)
        if let words = words(decision) { self.record(spec.stage, .note(words)) }
        return choice
    }

    private func key(of spec: StageSpec, _ planned: PlannedStage, _ definition: ReuseDefinition) async -> StageKey? {
        do {
            var answers: [String: Digest] = [:]
            for command in definition.tools ?? [] { answers[command] = try await tools.digest(of: command) }
            var known: [String: String] = [:]
            for name in spec.secrets {
                known[name] = self.spec.secretVersion(of: name, environment: planned.definition.environment)
            }
            return StageKeyMaking(
                spec: spec,
                definition: definition,
                run: self.spec,
                hash: hash,
                secretVersions: try SecretVersions.versions(of: secrets(of: planned), known: known, state: state),
                tools: answers
            ).make()
        } catch {
            record(spec.stage, .note("without reuse: \(Failure.words(error, state: state))"))
            return nil
        }
    }

    private func decide(
        _ key: StageKey,
        _ stage: StageID,
        _ definition: ReuseDefinition,
        _ choice: inout ReuseChoice
    ) async throws
        -> StageKeyRecord.Decision
    {
        guard spec.reuses else { return .ignored }
        var found = try ReuseStore(state).find(key.digest, for: trust)
        if found.record == nil { found.record = await sharing?.fetch(key.digest, for: trust, stage) }
        if let record = found.record {
            if ReuseVerification.isDue(key.digest, run: spec.number, share: definition.verify ?? 0) {
                choice.verifies = record
                return .verifies(record.run)
            }
            choice.outcome = record
            return .taken(from: record.run, ref: record.ref, trust: record.trust)
        }
        if let other = found.refused {
            return .refused(other.run, "its ref `\(other.ref)` is not protected, and this run's is")
        }
        let nearest = try KeyHistory(state).nearest(
            to: key,
            repository: spec.repository,
            pipeline: spec.plan.pipeline,
            stage: stage
        )
        return .missed(nearest: nearest?.entry.run, differs: nearest?.differs ?? [])
    }

    private func words(_ decision: StageKeyRecord.Decision) -> String? {
        switch decision {
        case .taken, .ignored: nil
        case .missed(nil, _): "not reused: there is no earlier outcome of this stage"
        case .missed(let run?, let differs) where differs.isEmpty:
            "not reused: the outcome of run \(run) is not kept any more"
        case .missed(let run?, let differs): "not reused: other \(differs.joined(separator: ", ")) than in run \(run)"
        case .verifies(let run): "runs beside the outcome of run \(run), to compare the two"
        case .refused(let run, let why): "not reused from run \(run): \(why)"
        }
    }

    /// The outcome, put in place. `nil` where anything of it is gone: then the stage runs.
    func take(_ outcome: OutcomeRecord, _ directory: StageDirectory) throws -> StageResult? {
        let stage = outcome.result.stage
        do {
            guard var result = try ReuseStore(state).take(outcome, into: directory) else {
                record(stage, .note("not reused: files of the outcome of run \(outcome.run) are gone or damaged"))
                return nil
            }
            result.startedAt = Date()
            write(&result, to: directory)
            return result
        } catch {
            record(stage, .note("cannot take an earlier outcome: \(Failure.words(error, state: state))"))
            return nil
        }
    }

    /// Holds a result against the outcome that would have been taken. A difference fails the stage, and nobody takes that
    /// outcome any more.
    func verify(_ result: inout StageResult, against earlier: OutcomeRecord, _ directory: StageDirectory) async {
        let verification = ReuseVerification(earlier: earlier, store: ArtifactStore(state.artifacts))
        do {
            let differences = try verification.differences(from: result)
            guard !differences.isEmpty else {
                record(result.stage, .note("verified: the same as in run \(earlier.run)"))
                return
            }
            try ReuseStore(state).forget(earlier)
            await sharing?.forget(earlier)
            let text = differences.map { "\($0)\n" }.joined()
            try FileSystem.write(Array(text.utf8), to: directory.differences)
            for line in differences.prefix(20) {
                record(result.stage, .note("differs from run \(earlier.run): \(line)"))
            }
            let more = differences.count > 1 ? " (and \(differences.count - 1) more, see `differences.txt`)" : ""
            if result.outcome == .succeeded { result.outcome = .failed }
            result.reason =
                "verification of reuse: the same inputs gave another outcome than in run \(earlier.run): "
                + (differences.first ?? "") + more
        } catch {
            record(result.stage, .note("not verified: \(Failure.words(error, state: state))"))
        }
    }

    /// An outcome that cannot be remembered is one all the same.
    func remember(_ result: StageResult, _ key: StageKey, _ directory: StageDirectory) {
        let outcome = OutcomeRecord(
            key: key.digest,
            run: spec.number,
            repository: spec.repository,
            pipeline: spec.plan.pipeline,
            ref: spec.plan.event.ref,
            trust: trust,
            tree: spec.plan.event.tree,
            result: result
        )
        do {
            try ReuseStore(state).save(outcome, files: directory)
            try KeyHistory(state).remember(key, of: outcome)
            try sharing?.publish(key.digest, of: trust)
        } catch {
            record(result.stage, .note("not remembered for reuse: \(Failure.words(error, state: state))"))
        }
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
}
