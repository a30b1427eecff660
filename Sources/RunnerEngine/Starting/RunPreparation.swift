import Git
import Glibc
package import RunnerCore
import RunnerExecution
package import RunnerStore
package import SystemPackage

/// What has to be known of this machine and its configuration before a run can be handed to a supervisor. The same for
/// `runner local` and for the daemon.
package struct RunPreparation: Sendable {
    package let configuration: RunnerConfiguration
    package let state: StateDirectory
    package let isolation: Isolation
    /// Why it is not the sandbox; `nil` where it is.
    package let isolationNote: String?
    /// The home directory from which toolchains are exposed.
    package let home: FilePath
    private let store: StoreSetup?

    /// Probes the machine. Throws where the configuration asks for what it does not have.
    package init(_ configuration: RunnerConfiguration, state: StateDirectory) throws {
        self.configuration = configuration
        self.state = state
        home = LocalProject.home()
        store = try configuration.store.map { try StoreSetup($0) }
        try Self.refuseExposures(configuration, home: home)
        (isolation, isolationNote) = try Self.isolation(configuration.isolation, state: state)
    }

    /// Refuses a plan that this machine cannot or may not run.
    package func check(_ plan: Plan) throws {
        try Self.refuseUnsupported(plan)
        try Self.refuseTooMany(plan, limit: configuration.limits.stages)
    }

    /// What stages of all runs may take together. `slots` is what was asked for, where it was.
    package func capacity(slots wanted: Int? = nil) -> Grant {
        let slots = wanted ?? configuration.slots ?? Self.processors
        return Grant(slots: slots, cpu: Double(max(slots, Self.processors)), memory: Self.memory)
    }

    /// The record that a supervisor starts from.
    package func spec(
        _ number: RunNumber,
        _ plan: Plan,
        repository: String,
        objects: FilePath,
        layers: [FilePath],
        share: Grant,
        hide: [FilePath],
        keepsFailedWorkspaces: Bool = true,
        reuses: Bool = true
    ) -> RunSpec {
        var spec = RunSpec(
            number: number,
            repository: repository,
            objects: objects,
            plan: plan,
            layers: layers,
            isolation: isolation,
            isolationNote: isolationNote,
            slots: share.slots,
            capacity: Resources(cpu: share.cpu, memory: share.memory),
            searchPath: getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin",
            home: home,
            expose: configuration.expose.map { Self.expand($0, home: home) },
            hide: configuration.hide.map { Self.expand($0, home: home) } + hide + (store?.hidden ?? []),
            limits: StageLimits(
                timeout: configuration.limits.timeout,
                grace: configuration.limits.grace,
                log: configuration.limits.log
            ),
            keepsFailedWorkspaces: keepsFailedWorkspaces,
            reuses: reuses
        )
        spec.store = store?.access
        spec.trust = configuration.protected.trust(in: plan.event)
        return spec
    }

    /// What the supervisor of a run is handed: its secrets, and what proves who we are to the shared store.
    func handing(_ secrets: [String: String]) throws -> [String: String] { try store?.handing(secrets) ?? secrets }

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

    private static func refuseExposures(_ configuration: RunnerConfiguration, home: FilePath) throws {
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

    private static func expand(_ path: String, home: FilePath) -> FilePath {
        path.hasPrefix("~/") ? home.pushing(FilePath(String(path.dropFirst(2)))) : FilePath(path)
    }

    private static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private static var memory: Int64 { Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))) }
}
