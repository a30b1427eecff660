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
        try refuseUnsupported(plan)
        try refuseExposures(options.configuration)
        try refuseTooMany(plan, limit: options.configuration.limits.stages)
        let secrets = try secrets(for: plan, options)
        let (isolation, note) = try isolation(options.configuration.isolation, state: project.state)
        var notes = WorkSweep(project.state, keep: options.configuration.keepFailedWorkspaces).run()
        let begin = ContinuousClock.now
        let store = LayerStore(project.state.layers, store: project.store, repository: project.name)
        let layers = try await store.layers(of: plan.event.tree, relatives: planning.event.relatives)
        let laidOut = ContinuousClock.now
        let directory = try RunDirectory.create(in: project.state)
        let configuration = options.configuration
        let home = LocalProject.home()
        let wanted = options.jobs ?? configuration.slots ?? processors
        let slots = min(wanted, DescriptorLimit.stages)
        if slots < wanted {
            notes.append("\(slots) stages at a time, not \(wanted): `ulimit -Hn` allows too few descriptors for more")
        }
        let spec = RunSpec(
            number: directory.number,
            repository: project.name,
            objects: project.store.path,
            plan: plan,
            layers: layers,
            isolation: isolation,
            isolationNote: note,
            slots: slots,
            capacity: Resources(cpu: Double(max(slots, processors)), memory: memory),
            searchPath: getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin",
            home: home,
            expose: configuration.expose.map { expand($0, home: home) },
            hide: configuration.hide.map { expand($0, home: home) } + ownDirectories(project),
            limits: StageLimits(
                timeout: configuration.limits.timeout,
                grace: configuration.limits.grace,
                log: configuration.limits.log
            ),
            keepsFailedWorkspaces: options.keepsFailedWorkspaces,
            reuses: options.reuses
        )
        try JSON.write(spec, to: directory.spec)
        let supervisor = try SupervisorProcess(directory, state: project.state, isolation: isolation, secrets: secrets)
        return LocalRun(
            directory: directory,
            plan: plan,
            isolation: isolation,
            isolationNote: note,
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

    /// Never ignored: a stage that this version cannot run as written is refused before anything starts.
    private static func refuseUnsupported(_ plan: Plan) throws {
        for stage in plan.stages + plan.finally {
            let feature: String
            if stage.definition.image != nil {
                feature = "image"
            } else if stage.definition.services.contains(where: { $0.image != nil }) {
                feature = "image of a service"
            } else {
                continue
            }
            throw RunnerError(
                .errored,
                "cannot run stage `\(stage.id)`",
                why: "\(stage.definition.location): this version does not run `\(feature)` yet",
                hint: "leave it out with `--stage`, or run the stage with the machine's own tools"
            )
        }
    }

    private static func refuseExposures(_ configuration: RunnerConfiguration) throws {
        let home = LocalProject.home()
        for path in configuration.expose {
            guard let problem = Exposure.problem(with: expand(path, home: home), home: home) else { continue }
            throw RunnerError(
                .input,
                "cannot expose `\(path)` to stages",
                why: problem,
                hint: "mend `expose` in the configuration"
            )
        }
    }

    private static func refuseTooMany(_ plan: Plan, limit: Int) throws {
        let count = plan.stages.count + plan.finally.count
        guard count > limit else { return }
        throw RunnerError(
            .input,
            "cannot run pipeline `\(plan.pipeline)`",
            why: "it has \(count) stages, matrix expanded, and this machine takes \(limit)",
            hint: "split the pipeline, or raise `limits: { stages: \(limit) }` in the configuration"
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

    private static func isolation(
        _ wanted: RunnerConfiguration.Isolation,
        state: StateDirectory
    ) throws -> (Isolation, String?) {
        if wanted == .none { return (.none, "isolation is turned off: steps see the machine as you do") }
        let report = try IsolationProbe(state: state).report()
        guard let obstacle = report.obstacle else { return (.sandbox, nil) }
        if wanted == .required {
            throw RunnerError(
                .errored,
                "cannot isolate stages",
                why: obstacle,
                hint: "`runner doctor` says how to get it; `isolation: auto` runs without"
            )
        }
        return (.none, "no sandbox on this machine: \(obstacle); steps run in copied directories and see the machine")
    }

    /// The developer's own directory: a stage that reads it would not run elsewhere. Only one that is surely no part of
    /// the system.
    private static func ownDirectories(_ project: LocalProject) -> [FilePath] {
        [project.location.workDirectory, project.location.commonDirectory].compactMap(\.self)
            .filter { $0.components.count >= 2 }
    }

    private static func expand(_ path: String, home: FilePath) -> FilePath {
        path.hasPrefix("~/") ? home.pushing(FilePath(String(path.dropFirst(2)))) : FilePath(path)
    }

    private static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private static var memory: Int64 { Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))) }
}
