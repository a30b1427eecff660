import CLinux
import Glibc
package import RunnerCore
package import RunnerStore
import SystemPackage

/// A shell for a person where a stage failed: the same workspace, sandbox and variables as the failed step had.
package struct StageShell {
    private let run: RunSpec
    private let spec: StageSpec
    private let state: StateDirectory
    private let kept: KeptStep

    /// Reads the records of a stage whose workspace is kept. Must run in the namespaces that a supervisor has.
    package init(_ directory: RunDirectory, stage: StageID, state: StateDirectory) throws {
        let places = StagePlaces(state: state, run: directory.number, stage: stage)
        guard let run = try JSON.read(RunSpec.self, at: directory.spec),
            let spec = try JSON.read(StageSpec.self, at: directory.stage(stage).spec),
            let kept = try JSON.read(KeptStep.self, at: places.keptStep)
        else {
            throw RunnerError(.errored, "cannot open a shell in stage `\(stage)`", why: "its workspace was not kept")
        }
        self.run = run
        self.spec = spec
        self.state = state
        self.kept = kept
    }

    /// Shows the workspace again and becomes the shell. Returns only by throwing.
    package func enter(secrets: [String: String], terminal: String) throws -> Never {
        try MachineCovers(for: run, state: state)?.apply()
        let machine = MachineView(
            searchPath: run.searchPath,
            home: run.home,
            state: state,
            expose: run.expose,
            hide: run.hide
        )
        try reattach()
        try FileSystem.write(Array((step.run + "\n").utf8), to: places.exchange.appending("script"), mode: 0o666)
        let names = Set(spec.secretFiles ?? [])
        let files = try SecretFiles.make(
            secrets.filter { names.contains($0.key) && spec.secrets.contains($0.key) },
            isolation: run.isolation,
            places: places
        )
        var sandbox = try sandbox(machine)
        sandbox.secretFiles = files?.directory
        files?.hold()
        let launch = try sandbox.launch(
            Shell.interactive,
            environment: environment(
                SecretFiles.variables(secrets, files: spec.secretFiles, in: files),
                terminal: terminal
            ),
            directory: directory
        )
        throw Self.become(launch)
    }

    /// What to say before the first prompt.
    package var greeting: String {
        let script = run.isolation == .sandbox ? "/runner/script" : places.exchange.appending("script").string
        var text = "shell in stage `\(spec.stage)`, where step `\(step.name)` failed; `exit` ends it\n"
        text += "try: \(Shell.machine.description) \(script)"
        if !kept.withheld.isEmpty {
            text += "\nnot set, for they hold secrets: \(kept.withheld.joined(separator: ", "))"
        }
        return text
    }

    private var step: StepDefinition {
        spec.steps.indices.contains(kept.index) ? spec.steps[kept.index] : StepDefinition(name: "?", run: "")
    }

    private var places: StagePlaces { StagePlaces(state: state, run: run.number, stage: spec.stage) }

    private var workspace: Workspace {
        let kind = run.isolation == .sandbox ? Workspace.Kind.overlay : .copy
        return Workspace(kind: kind, places: places, layers: spec.layers)
    }

    /// Of the failed step, unless it is not there any more.
    private var directory: String? {
        step.directory.flatMap { FileSystem.isDirectory(places.workspace.pushing(FilePath($0))) ? $0 : nil }
    }

    private func reattach() throws {
        try workspace.reattach()
        let caches = CacheMounts(
            workspace: workspace,
            store: CacheStore(state.layers.appending("caches"), repository: run.cacheScope),
            restored: spec.caches.map { CacheMounts.Restored(spec: $0, hit: nil) }
        )
        try caches.reattach(layers: kept.cacheLayers)
    }

    private func sandbox(_ machine: MachineView) throws -> Sandbox {
        let handover = ArtifactHandover(store: ArtifactStore(state.artifacts), merged: places.mergedArtifacts)
        return Sandbox(
            isolation: run.isolation,
            machine: machine,
            places: places,
            network: spec.network,
            artifacts: try handover.directories(of: spec.takes),
            bubblewrap: Programs.find("bwrap")
        )
    }

    /// The step's own variables; only what belongs to the terminal is the person's.
    private func environment(_ secrets: [String: String], terminal: String) -> [String: String] {
        var environment = kept.environment
        environment.merge(secrets.filter { spec.secrets.contains($0.key) }) { _, secret in secret }
        environment["TERM"] = terminal
        environment["PS1"] = "[\(RunDirectory.directoryName(spec.stage.description))] \\w \\$ "
        return environment
    }

    /// Replaces this process, so that nothing stands between the terminal and the shell. Returns why it could not.
    private static func become(_ launch: Launch) -> SystemFailure {
        if let directory = launch.directory, chdir(directory.string) != 0 { return SystemFailure("enter", directory) }
        // This thread may block signals that the shell needs.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        return withCStrings([launch.executable.string] + launch.arguments) { arguments in
            withCStrings(launch.environment.map { "\($0.key)=\($0.value)" }.sorted()) { variables in
                execve(launch.executable.string, arguments, variables)
                return SystemFailure("start", launch.executable)
            }
        }
    }
}
