import FoundationEssentials
import Git
import RunnerCore
package import RunnerStore
import SystemPackage

/// What a supervisor does before it knows its run.
package enum SupervisorStandby {
    /// Makes what all runs share, and goes once through what each run does first: code that was never used has to be read,
    /// bound and, for the generic part of it, put together.
    package static func prepare(_ state: StateDirectory) async throws {
        try SandboxUsers(state).prepare()
        _ = Shell.machine
        guard let number = RunNumber(1) else { return }
        let spec = try JSON.decode(RunSpec.self, from: JSON.encode(rehearsedRun(number, in: state)))
        _ = MachineView(searchPath: spec.searchPath, home: spec.home, state: state, expose: [], hide: [])
        try rehearse(spec, PromotionStore(state))
        await BlockingThread.run {}
    }

    /// Decides, settles values and makes records, and throws them away.
    private static func rehearse(_ spec: RunSpec, _ promotions: PromotionStore) throws {
        var progress = RunProgress(plan: spec.plan, slots: spec.slots, runNumber: spec.number)
        for planned in spec.plan.stages {
            guard let context = progress.context(for: planned.id), case .steps(let steps) = planned.definition.work
            else {
                continue
            }
            let preparation = StagePreparation(run: spec, context: context, needs: [], promotions: promotions)
            _ = try JSON.encode(preparation.spec(planned, steps: steps, attempt: 1))
            try progress.apply(.started(planned.id))
            try progress.apply(.finished(planned.id, .succeeded, outputs: [:]))
            var result = StageResult(stage: planned.id, outcome: .succeeded, startedAt: Date())
            result.steps = [StepResult(name: "step", outcome: .succeeded)]
            _ = try JSON.encode(RunRecord(stage: planned.id, .stageFinished(result)))
        }
    }

    private static func rehearsedRun(_ number: RunNumber, in state: StateDirectory) -> RunSpec {
        let event = RunEvent(
            kind: .push,
            ref: "refs/heads/main",
            commit: nil,
            tree: .emptyTree,
            isWorkingTree: false,
            message: "",
            author: ""
        )
        let location = SourceLocation(file: "pipelines/ci.yml", line: 1, column: 1)
        let steps = [StepDefinition(name: "step", run: "true")]
        let stage = PlannedStage(
            id: StageID("stage"),
            definition: StageDefinition(name: "stage", location: location, work: .steps(steps)),
            verdict: .runs("rehearsal")
        )
        return RunSpec(
            number: number,
            repository: "rehearsal",
            objects: state.repositories,
            plan: Plan(pipeline: "ci", file: location.file, event: event, reason: "rehearsal", stages: [stage]),
            layers: [],
            isolation: .sandbox,
            isolationNote: nil,
            slots: 1,
            capacity: Resources(),
            searchPath: "/usr/bin:/bin",
            home: "/nonexistent",
            expose: [],
            hide: [],
            limits: StageLimits(),
            keepsFailedWorkspaces: false,
            reuses: false
        )
    }
}
