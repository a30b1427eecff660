package import RunnerCore
package import SystemPackage

/// How far the stages of a run are kept from the machine and from each other.
package enum Isolation: String, Sendable, Hashable, Codable, CaseIterable {
    /// User, mount, process and IPC namespaces; overlay workspaces; the machine read-only.
    case sandbox
    /// Copied directories and a guard process per step.
    case none
}

/// Everything that a supervisor needs to know of a run, but the values of secrets, which come on its standard input.
package struct RunSpec: Sendable, Codable {
    /// Of this record's form. A supervisor refuses what it does not know.
    package static let currentVersion = 1

    package var version = Self.currentVersion
    package var number: RunNumber
    package var repository: String
    /// Bare repository with every object of the run's tree.
    package var objects: FilePath
    package var plan: Plan
    /// Directories that make up the tree, the newest first.
    package var layers: [FilePath]
    package var isolation: Isolation
    /// Why it is not the sandbox, for people; `nil` where it is.
    package var isolationNote: String?
    /// Stages at once: where the run lives on grants, the first of them.
    package var slots: Int
    /// What all stages together may declare; as above.
    package var capacity: Resources
    /// The machine's `PATH`, from which stages get theirs.
    package var searchPath: String
    /// The home directory from which toolchains are exposed.
    package var home: FilePath
    package var expose: [FilePath]
    package var hide: [FilePath]
    package var limits: StageLimits
    /// Workspaces of failed stages stay in `work/`.
    package var keepsFailedWorkspaces: Bool
    /// False: stages with `reuse` run all the same.
    package var reuses: Bool
    /// What the stages may take changes by grants, and the supervisor tells what it could use.
    package var isGranted = false
    /// Stages that are not run, as an earlier run had them.
    package var taken: [TakenStage] = []
    /// Only these stages run, of `finally` too, and the taken ones whose files are gone; `nil` means all.
    package var selected: Set<StageID>?
    /// What the run may take from stores, and who may take what it leaves. `nil` in records of older runners.
    package var trust: RefTrust?
    /// What the run shares with other machines; `nil` means nothing.
    package var store: StoreAccess?
    /// By what is handed over (`SecretName.handed`), which version of a secret it is: never a value. `nil` where nobody knows.
    package var secretVersions: [String: String]?
    /// By stage, why it does not get a secret that it asks for.
    package var secretRefusals: [String: SecretRefusal]?

    package init(
        number: RunNumber,
        repository: String,
        objects: FilePath,
        plan: Plan,
        layers: [FilePath],
        isolation: Isolation,
        isolationNote: String?,
        slots: Int,
        capacity: Resources,
        searchPath: String,
        home: FilePath,
        expose: [FilePath],
        hide: [FilePath],
        limits: StageLimits,
        keepsFailedWorkspaces: Bool,
        reuses: Bool
    ) {
        self.number = number
        self.repository = repository
        self.objects = objects
        self.plan = plan
        self.layers = layers
        self.isolation = isolation
        self.isolationNote = isolationNote
        self.slots = slots
        self.capacity = capacity
        self.searchPath = searchPath
        self.home = home
        self.expose = expose
        self.hide = hide
        self.limits = limits
        self.keepsFailedWorkspaces = keepsFailedWorkspaces
        self.reuses = reuses
    }
}

extension RunSpec {
    /// The version of a secret that a stage gets; `nil` where nobody knows.
    package func secretVersion(of name: String, environment: String? = nil) -> String? {
        secretVersions?[SecretName.handed(name, environment: environment)] ?? secretVersions?[name]
    }

    /// What tells caches of different origin apart: absolute paths in them hold only under one kind of isolation.
    package var cacheScope: String { isolation == .sandbox ? repository : "\(repository) \(isolation.rawValue)" }
}

/// A stage's outcome brought along from an earlier run.
package struct TakenStage: Sendable, Hashable, Codable {
    package var stage: StageID
    package var run: RunNumber
    package var result: StageResult

    package init(stage: StageID, run: RunNumber, result: StageResult) {
        self.stage = stage
        self.run = run
        self.result = result
    }
}

/// Bounds for stages that name none of their own.
package struct StageLimits: Sendable, Hashable, Codable {
    package var timeout: Duration
    package var grace: Duration
    /// Bytes of one step's log; what comes after is counted and dropped.
    package var log: Int64

    package init(timeout: Duration = .seconds(3600), grace: Duration = .seconds(10), log: Int64 = 1 << 30) {
        self.timeout = timeout
        self.grace = grace
        self.log = log
    }
}
