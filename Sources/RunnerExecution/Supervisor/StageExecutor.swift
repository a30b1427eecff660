import FoundationEssentials
import Git
import RunnerCore
import RunnerStore
import SystemPackage

/// Runs stages of one run on this machine. What all of them share is worked out once.
struct StageExecutor: Sendable {
    let spec: RunSpec
    let directory: RunDirectory
    let state: StateDirectory
    let secrets: [String: String]
    let journal: Journal
    /// `hash('glob')` over the run's tree.
    let hash: EvaluationContext.Hash

    /// Of the run's tree; empty where nothing asks for them.
    private let files: [TreeEntry]
    private let machine: MachineView
    private let patterns: SecretPatterns
    private let bubblewrap: FilePath?
    private let stages: [StageID: PlannedStage]

    init(
        _ spec: RunSpec,
        _ directory: RunDirectory,
        state: StateDirectory,
        secrets: [String: String],
        journal: Journal
    ) async throws {
        self.spec = spec
        self.directory = directory
        self.state = state
        self.secrets = secrets
        self.journal = journal
        try SandboxUsers(state).prepare()
        try MachineCovers(for: spec, state: state)?.apply()
        machine = MachineView(
            searchPath: spec.searchPath,
            home: spec.home,
            state: state,
            expose: spec.expose,
            hide: spec.hide
        )
        patterns = SecretPatterns(secrets.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) })
        bubblewrap = Programs.find("bwrap")
        let all = spec.plan.stages + spec.plan.finally
        stages = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
        files = try await TreeHash.files(neededBy: spec.plan, objects: spec.objects)
        hash = TreeHash.function(over: files)
    }

    func planned(_ id: StageID) -> PlannedStage? { stages[id] }

    /// Only a server knows its environments.
    func reasonNotToDeploy(_ planned: PlannedStage) -> String {
        guard case .deploy(let request) = planned.definition.work else { return "there is nothing to run" }
        let what = request.artifact.map { "artifact `\($0)` " } ?? ""
        if spec.isGranted {
            return "cannot deploy \(what)to environment `\(request.environment)`: this server has none"
        }
        return "would deploy \(what)to environment `\(request.environment)`, which only a server can"
    }

    /// Runs a stage, again where its `retry` says so. Never throws: what the runner cannot do is an outcome too.
    func run(
        _ planned: PlannedStage,
        steps: [StepDefinition],
        context: EvaluationContext,
        needs: [StageResult],
        stop: StopSignal
    ) async -> StageResult {
        let stage = directory.stage(planned.id)
        var attempt = 1
        while true {
            let result = await attemptOnce(planned, steps, context, needs, stop, attempt: attempt)
            let retry = planned.definition.retry
            guard stop.request == nil, retry.triesAgain(after: result.outcome, attempt: attempt) else { return result }
            record(planned.id, .note("attempt \(attempt) \(result.outcome.rawValue), trying again"))
            do {
                // The record of the attempt stays beside the next one.
                try FileSystem.rename(stage.path, to: stage.attempt(attempt).path)
            } catch {
                record(planned.id, .note("cannot keep attempt \(attempt): \(error)"))
                return result
            }
            attempt += 1
        }
    }

    private func attemptOnce(
        _ planned: PlannedStage,
        _ steps: [StepDefinition],
        _ context: EvaluationContext,
        _ needs: [StageResult],
        _ stop: StopSignal,
        attempt: Int
    ) async -> StageResult {
        let directory = directory.stage(planned.id)
        var result: StageResult
        do {
            try FileSystem.makeDirectories(directory.path)
            record(planned.id, .stageStarted(attempt: attempt))
            let preparation = StagePreparation(run: spec, context: context, needs: needs)
            var stageSpec = try preparation.spec(planned, steps: steps, attempt: attempt)
            stageSpec.reuseKey = try StageKey.make(stageSpec, reuse: planned.definition.reuse, run: spec, files: files)
            try JSON.write(stageSpec, to: directory.spec)
            if let reused = try reuse(stageSpec, directory) { return reused }
            let (caches, fresh) = try await findCaches(stageSpec)
            let execution = StageExecution(
                spec: stageSpec,
                run: spec,
                state: state,
                directory: directory,
                machine: machine,
                workspaceKind: spec.isolation == .sandbox ? .overlay : .copy,
                bubblewrap: bubblewrap,
                caches: caches,
                freshFiles: fresh,
                hash: hash,
                secrets: secrets,
                patterns: patterns,
                stop: stop,
                record: { record(planned.id, $0) }
            )
            result = await BlockingThread.run { execution.execute() }
            write(&result, to: directory)
            if let key = stageSpec.reuseKey, result.outcome == .succeeded {
                remember(result, key)
            }
            return result
        } catch {
            result = StageResult(
                stage: planned.id,
                outcome: Failure.outcome(error),
                attempt: attempt,
                startedAt: Date()
            )
            result.reason = Failure.words(error, state: state)
        }
        write(&result, to: directory)
        return result
    }

    /// The outcome of the same work done before, if there is one.
    private func reuse(_ stage: StageSpec, _ directory: StageDirectory) throws -> StageResult? {
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

    private func write(_ result: inout StageResult, to directory: StageDirectory) {
        do {
            let record = result
            try DiskReserve(state.reserve).protecting { try JSON.write(record, to: directory.result, durable: true) }
        } catch {
            // Without its record a stage has not succeeded, whatever its commands said.
            result.outcome = .errored
            result.reason = "cannot write the result: \(Failure.words(error, state: state))"
        }
    }

    /// An outcome that cannot be remembered is one all the same.
    private func remember(_ result: StageResult, _ key: Digest) {
        do {
            try ReuseStore(state).save(result, of: spec.number, key: key)
        } catch {
            record(result.stage, .note("not remembered for reuse: \(Failure.words(error, state: state))"))
        }
    }

    /// What is there for the stage's caches, and the files that need a fresh time over them.
    private func findCaches(_ stage: StageSpec) async throws -> ([CacheMounts.Restored], fresh: [[UInt8]]) {
        let store = CacheStore(state.layers.appending("caches"), repository: spec.cacheScope)
        var restored: [CacheMounts.Restored] = []
        var fresh: [ObjectID: [[UInt8]]] = [:]
        for cache in stage.caches {
            var hit = try store.find(cache)
            if let entry = hit?.entry, fresh[entry.tree] == nil {
                if let files = try await freshFiles(over: entry.tree) {
                    fresh[entry.tree] = files
                } else {
                    record(stage.stage, .note("cache left out: \(entry.key): git has lost the files it was made from"))
                    hit = nil
                }
            }
            record(stage.stage, .note(Self.words(cache, hit)))
            restored.append(CacheMounts.Restored(spec: cache, hit: hit))
        }
        return (restored, fresh.values.flatMap { $0 })
    }

    private static func words(_ cache: CacheSpec, _ hit: CacheStore.Hit?) -> String {
        guard let hit else { return "cache miss: \(cache.key)" }
        return hit.isExact
            ? "cache hit: \(cache.key) (from run \(hit.entry.run))"
            : "cache hit by fallback: \(hit.entry.key) for \(cache.key) (from run \(hit.entry.run))"
    }

    /// Files that differ between the tree that a cache was saved from and this one: they need a time later than what
    /// was built from the old ones, all others must keep theirs. `nil` where objects of the old tree are gone, as after
    /// a `git gc` of the repository that they are borrowed from.
    private func freshFiles(over tree: ObjectID) async throws -> [[UInt8]]? {
        if tree == spec.plan.event.tree { return [] }
        let repository = try StoreRepository(at: spec.objects).repository
        do {
            return try await repository.diff(from: tree, to: spec.plan.event.tree).changed.map(\.path.bytes)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private func record(_ stage: StageID, _ happening: RunRecord.Happening) {
        journal.record(RunRecord(stage: stage, happening), copy: directory.stage(stage).events)
    }
}
