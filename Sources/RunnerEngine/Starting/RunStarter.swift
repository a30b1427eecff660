import Git
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Hands a run to a supervisor: lays out its tree, writes `run.json`, starts the process.
struct RunStarter: Sendable {
    let preparation: RunPreparation
    let state: StateDirectory
    private let secrets: SecretDesk
    private let spare: SpareSupervisor

    init(_ preparation: RunPreparation, secrets: SecretDesk) {
        self.secrets = secrets
        self.preparation = preparation
        state = preparation.state
        spare = SpareSupervisor(state: preparation.state, isolation: preparation.isolation)
    }

    /// Gets ready for the next run.
    func getReady() { spare.refill() }

    /// Gives up what was got ready.
    func close() { spare.close() }

    /// Trees that may resemble the one to lay out.
    private static let ancestorLimit = 20

    /// Throws where the run cannot begin; then nothing of it runs.
    func start(_ run: RunRow, _ plan: Plan, _ selection: RunSelection, share: Grant, source: Mirror) async throws
        -> SupervisorProcess
    {
        try preparation.check(plan)
        let tree = try await source.store.flatten(plan.event.tree, of: source.location)
        var relatives: [ObjectID] = []
        if let commit = plan.event.commit {
            relatives = try await source.store.repository.ancestors(of: commit, limit: Self.ancestorLimit).map(\.tree)
        }
        var plan = plan
        plan.event.tree = tree
        let layers = try await LayerStore(state.layers, store: source.store, repository: run.repository)
            .layers(of: tree, relatives: relatives)
        let directory = RunDirectory(state.runs.appending(run.number.description), number: run.number)
        guard !directory.hasBegun else {
            throw RunnerError(
                .errored,
                "cannot begin run \(run.number)",
                why: "\(directory.path) holds a run already, and it is another one",
                hint: "move the directory away"
            )
        }
        if !FileSystem.exists(directory.inbox) { try FileSystem.makeDirectories(directory.inbox) }
        var spec = preparation.spec(
            run.number,
            plan,
            repository: run.repository,
            objects: source.store.path,
            layers: layers,
            share: share,
            hide: source.ownDirectories,
            reuses: selection.reuses
        )
        spec.isGranted = true
        spec.selected = selection.stages
        spec.taken = try taken(selection)
        let trust = preparation.configuration.protected.trust(in: plan.event)
        let released = try await secrets.release(run, plan, Self.due(plan, selection), trust: trust)
        spec.secretVersions = released.versions
        spec.secretRefusals = released.refusals
        try JSON.write(spec, to: directory.spec)
        return try spare.start(directory, secrets: preparation.handing(released.values))
    }

    /// What the stages that are taken over had come to.
    private func taken(_ selection: RunSelection) throws -> [TakenStage] {
        guard let number = selection.takesFrom else { return [] }
        let directory = RunDirectory(state.runs.appending(number.description), number: number)
        return try selection.taken.sorted().compactMap { stage in
            guard let result = try JSON.read(StageResult.self, at: directory.stage(stage).result) else { return nil }
            return TakenStage(stage: stage, run: number, result: result)
        }
    }

    /// The stages that will run, or may, as they stand now. One that is taken over runs where its files are gone.
    private static func due(_ plan: Plan, _ selection: RunSelection) -> [PlannedStage] {
        (plan.stages + plan.finally).filter { stage in
            if case .skipped = stage.verdict { return false }
            return selection.stages.map { $0.contains(stage.id) || selection.taken.contains(stage.id) } ?? true
        }
    }
}
