import FoundationEssentials
import Git
import Glibc
import PipelineSyntax
package import RunnerCore
import RunnerExecution
package import RunnerStore
import SystemPackage

/// How a person wants a local run to be run.
package struct LocalOptions: Sendable {
    package var configuration: RunnerConfiguration
    /// Stages at a time; `nil` means as the configuration says, else one per processor.
    package var jobs: Int?
    /// Values by name.
    package var secrets: [String: String]
    package var keepsFailedWorkspaces: Bool
    package var reuses: Bool

    package init(
        configuration: RunnerConfiguration = RunnerConfiguration(),
        jobs: Int? = nil,
        secrets: [String: String] = [:],
        keepsFailedWorkspaces: Bool = true,
        reuses: Bool = true
    ) {
        self.configuration = configuration
        self.jobs = jobs
        self.secrets = secrets
        self.keepsFailedWorkspaces = keepsFailedWorkspaces
        self.reuses = reuses
    }
}

/// One plan on its way: laid out, written down, and handed to a supervisor.
package struct LocalRun: Sendable {
    package let directory: RunDirectory
    package let plan: Plan
    package let isolation: Isolation
    package let isolationNote: String?
    /// What a person should know before it begins.
    package let notes: [String]
    package let supervisor: SupervisorProcess
    /// Seconds before the supervisor took over: `layout` of the tree, `start` of the supervisor.
    package let phases: [String: Double]

    /// Lays out the tree, takes a number and starts the supervisor.
    package static func start(
        _ plan: Plan,
        of planning: LocalPlanning,
        in project: LocalProject,
        options: LocalOptions
    ) async throws -> LocalRun {
        let preparation = try RunPreparation(options.configuration, state: project.state)
        try preparation.check(plan)
        let secrets = try secrets(for: plan, options)
        var notes = WorkSweep(project.state, keep: options.configuration.keepFailedWorkspaces).run()
        let begin = ContinuousClock.now
        let store = LayerStore(project.state.layers, store: project.store, repository: project.name)
        let layers = try await store.layers(of: plan.event.tree, relatives: planning.event.relatives)
        let laidOut = ContinuousClock.now
        let directory = try RunDirectory.create(in: project.state)
        var share = preparation.capacity(slots: options.jobs)
        if share.slots > DescriptorLimit.stages {
            notes.append(
                "\(DescriptorLimit.stages) stages at a time, not \(share.slots): `ulimit -Hn` allows too few descriptors for "
                    + "more"
            )
            share.slots = DescriptorLimit.stages
        }
        var spec = preparation.spec(
            directory.number,
            plan,
            repository: project.name,
            objects: project.store.path,
            layers: layers,
            share: share,
            hide: ownDirectories(project),
            keepsFailedWorkspaces: options.keepsFailedWorkspaces,
            reuses: options.reuses
        )
        // One person's own machine: whoever moves the refs here is who runs them.
        spec.trust = .ordinary
        try JSON.write(spec, to: directory.spec)
        let supervisor = try SupervisorProcess(
            directory,
            state: project.state,
            isolation: preparation.isolation,
            secrets: preparation.handing(secrets)
        )
        return LocalRun(
            directory: directory,
            plan: plan,
            isolation: preparation.isolation,
            isolationNote: preparation.isolationNote,
            notes: notes,
            supervisor: supervisor,
            phases: ["layout": (laidOut - begin).seconds, "start": (ContinuousClock.now - laidOut).seconds]
        )
    }

    /// What stands in `result.json` once the supervisor has ended; its absence is the runner's own failure.
    package func result() throws -> RunResult {
        if let result = try JSON.read(RunResult.self, at: directory.result) { return result }
        let code = supervisor.wait()
        let said =
            try FileSystem.read(directory.supervisorLog).map { String(decoding: $0.suffix(2000), as: UTF8.self) } ?? ""
        throw RunnerError(
            .errored,
            "run \(directory.number) has no result",
            why: "its supervisor ended with \(ExitStatus.words(code))" + (said.isEmpty ? "" : ": \(said)"),
            hint: "see \(directory.path)"
        )
    }

    private static func secrets(for plan: Plan, _ options: LocalOptions) throws -> [String: String] {
        for stage in plan.stages + plan.finally {
            for name in stage.definition.secrets where options.secrets[name] == nil {
                throw RunnerError(
                    .input,
                    "stage `\(stage.id)` needs the secret `\(name)`",
                    why: "\(stage.definition.location): it is listed in `secrets` and no value was given",
                    hint: "export it and say `--secret \(name)`, or put it into a file for `--secrets-file`"
                )
            }
        }
        return options.secrets
    }

    /// The developer's own directory: a stage that reads it would not run elsewhere. Only one that is surely no part of
    /// the system.
    private static func ownDirectories(_ project: LocalProject) -> [FilePath] {
        [project.location.workDirectory, project.location.commonDirectory].compactMap(\.self)
            .filter { $0.components.count >= 2 }
    }
}
