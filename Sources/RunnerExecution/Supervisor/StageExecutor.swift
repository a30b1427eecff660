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
    /// With other machines; `nil` where there is no store to share.
    let sharing: Sharing?
    /// `hash('glob')` over the run's tree.
    let hash: EvaluationContext.Hash

    let tools: ToolFingerprints
    private let machine: MachineView
    private let patterns: SecretPatterns
    private let bubblewrap: FilePath?
    /// Only where a stage asks for it.
    private let buildCache: BuildCacheAccess?
    let stages: [StageID: PlannedStage]

    init(
        _ spec: RunSpec,
        _ directory: RunDirectory,
        state: StateDirectory,
        secrets: [String: String],
        journal: Journal,
        sharing: Sharing? = nil
    ) async throws {
        self.spec = spec
        self.directory = directory
        self.state = state
        self.secrets = secrets
        self.journal = journal
        self.sharing = sharing
        SecretFiles.sweep()
        try SandboxUsers(state).prepare()
        try MachineCovers(for: spec, state: state)?.apply()
        machine = MachineView(
            searchPath: spec.searchPath,
            home: spec.home,
            state: state,
            expose: spec.expose,
            hide: spec.hide
        )
        buildCache = await BuildCacheAccess.open(for: spec, state: state, journal)
        var hidden = secrets.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) }
        if let buildCache { hidden.append((BuildCacheAccess.variable, Array(buildCache.token.utf8))) }
        patterns = SecretPatterns(hidden)
        bubblewrap = Programs.find("bwrap")
        tools = ToolFingerprints(run: spec, state: state, machine: machine, bubblewrap: bubblewrap)
        let all = spec.plan.stages + spec.plan.finally
        stages = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
        let files = try await TreeHash.files(neededBy: spec.plan, objects: spec.objects)
        hash = TreeHash.function(over: files)
    }

    /// In the ref that the run is of.
    var trust: RefTrust { spec.trust ?? .ordinary }

    func planned(_ id: StageID) -> PlannedStage? { stages[id] }

    /// What the daemon says became of a stage's deployment; `nil` where it has not said so yet.
    func deployAnswer(for stage: StageID) throws -> DeployAnswer? {
        try JSON.read(DeployAnswer.self, at: directory.stage(stage).deployment)
    }

    /// Runs a stage, again where its `retry` says so. Never throws: what the runner cannot do is an outcome too.
    func run(
        _ planned: PlannedStage,
        steps: [StepDefinition],
        context: EvaluationContext,
        needs: [StageResult],
        stop: StopSignal
    ) async -> StageResult {
        if let refused = refusal(of: planned) { return refused }
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
            let preparation = StagePreparation(
                run: spec,
                context: context,
                needs: needs,
                promotions: PromotionStore(state)
            )
            var stageSpec = try preparation.spec(planned, steps: steps, attempt: attempt)
            let choice = try await chooseReuse(&stageSpec, planned, directory)
            try JSON.write(stageSpec, to: directory.spec)
            if let outcome = choice.outcome, let reused = try take(outcome, directory) { return reused }
            let caches = try await findCaches(stageSpec, directory)
            let execution = StageExecution(
                spec: stageSpec,
                run: spec,
                state: state,
                directory: directory,
                machine: machine,
                workspaceKind: spec.isolation == .sandbox ? .overlay : .copy,
                bubblewrap: bubblewrap,
                resources: planned.definition.resources,
                caches: caches,
                hash: hash,
                secrets: secrets(of: planned),
                buildCache: planned.definition.buildCache == true ? buildCache?.address : nil,
                patterns: patterns,
                stop: stop,
                record: { record(planned.id, $0) }
            )
            result = await BlockingThread.run { execution.execute() }
            if let earlier = choice.verifies { await verify(&result, against: earlier, directory) }
            // What holds their layers.
            withExtendedLifetime(caches) {}
            write(&result, to: directory)
            if result.outcome == .succeeded, !stageSpec.caches.isEmpty { shareCaches(planned.id, directory) }
            if let key = choice.key, result.outcome == .succeeded { remember(result, key, directory) }
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

    func write(_ result: inout StageResult, to directory: StageDirectory) {
        do {
            let record = result
            try DiskReserve(state.reserve).protecting { try JSON.write(record, to: directory.result, durable: true) }
        } catch {
            // Without its record a stage has not succeeded, whatever its commands said.
            result.outcome = .errored
            result.reason = "cannot write the result: \(Failure.words(error, state: state))"
        }
    }

    /// Ends what serves stages.
    func close() async { await buildCache?.close() }

    func record(_ stage: StageID, _ happening: RunRecord.Happening) {
        journal.record(RunRecord(stage: stage, happening), copy: directory.stage(stage).events)
    }
}
