/// One stage as a file declares it, before matrix expansion.
package struct StageDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var location: SourceLocation
    /// Names of stages of the same pipeline. A stage with a matrix is needed as a whole.
    package var needs: [String]
    package var condition: Expression?
    package var matrix: Matrix?
    package var env: [Variable]
    /// Names of secrets that the steps get as variables.
    package var secrets: [String]
    /// Those of them whose variables hold the path of a file with the value. `nil` in records of older runners.
    package var secretFiles: [String]?
    package var work: StageWork
    package var image: Template?
    package var services: [ServiceDefinition]
    package var resources: Resources
    package var network: Network
    package var timeout: Duration?
    /// How long a stage may take to end after SIGTERM.
    package var grace: Duration?
    package var retry: Retry
    package var caches: [CacheDefinition]
    /// The steps get a cache for build tools. `nil` in records of older runners.
    package var buildCache: Bool?
    package var artifacts: [ArtifactDefinition]
    /// Taken from runs of other pipelines. `nil` in records of older runners.
    package var neededArtifacts: [NeededArtifact]?
    package var reports: [ReportDefinition]
    package var reuse: ReuseDefinition?
    /// Only for stages of `finally`: outcomes of the run for which it runs; empty means any.
    package var neededOutcomes: [Outcome]

    package init(name: String, location: SourceLocation, work: StageWork) {
        self.name = name
        self.location = location
        self.work = work
        needs = []
        env = []
        secrets = []
        services = []
        resources = Resources()
        network = .host
        retry = Retry()
        caches = []
        artifacts = []
        reports = []
        neededOutcomes = []
    }
}

extension StageDefinition {
    /// Where it deploys to.
    package var environment: String? {
        if case .deploy(let request) = work { request.environment } else { nil }
    }
}

package enum StageWork: Sendable, Hashable, Codable {
    case steps([StepDefinition])
    /// A change of an environment, which only the server can describe.
    case deploy(DeployRequest)
}

package struct DeployRequest: Sendable, Hashable, Codable {
    package var environment: String
    /// Name of an artifact of a needed stage.
    package var artifact: String?

    package init(environment: String, artifact: String? = nil) {
        self.environment = environment
        self.artifact = artifact
    }
}

package struct StepDefinition: Sendable, Hashable, Codable {
    /// As written, or the first line of `run`.
    package var name: String
    /// The script, as written: expressions are not expanded in it.
    package var run: String
    package var condition: Expression?
    package var env: [Variable]
    /// Relative to the workspace.
    package var directory: String?
    package var timeout: Duration?

    package init(
        name: String,
        run: String,
        condition: Expression? = nil,
        env: [Variable] = [],
        directory: String? = nil,
        timeout: Duration? = nil
    ) {
        self.name = name
        self.run = run
        self.condition = condition
        self.env = env
        self.directory = directory
        self.timeout = timeout
    }
}

/// The combinations for which a stage runs.
package struct Matrix: Sendable, Hashable, Codable {
    /// One name and its values, in the order of the file.
    package struct Axis: Sendable, Hashable, Codable {
        package var name: String
        package var values: [String]

        package init(name: String, values: [String]) {
            self.name = name
            self.values = values
        }
    }

    package var axes: [Axis]
    /// Combinations to leave out: all that agree with every pair named.
    package var exclude: [[String: String]]
    /// Combinations to add, or to extend where they agree with every axis that they name.
    package var include: [[String: String]]

    package init(axes: [Axis], exclude: [[String: String]] = [], include: [[String: String]] = []) {
        self.axes = axes
        self.exclude = exclude
        self.include = include
    }
}

/// What a stage takes of the machine while it runs.
package struct Resources: Sendable, Hashable, Codable {
    /// In processors. A stage that says nothing takes one.
    package var cpu: Double?
    /// In bytes.
    package var memory: Int64?
    /// In bytes.
    package var disk: Int64?
    /// How many processes and threads there may be at a time. `nil` in records of older runners.
    package var pids: Int?

    package init(cpu: Double? = nil, memory: Int64? = nil, disk: Int64? = nil, pids: Int? = nil) {
        self.cpu = cpu
        self.memory = memory
        self.disk = disk
        self.pids = pids
    }
}

package enum Network: String, Sendable, Hashable, Codable, CaseIterable {
    case host, none
}

/// How often a stage is tried, and after which outcomes again.
package struct Retry: Sendable, Hashable, Codable {
    /// All tries together, the first included.
    package var attempts: Int
    package var outcomes: [Outcome]

    package init(attempts: Int = 1, outcomes: [Outcome] = [.errored, .timedOut, .failed]) {
        self.attempts = attempts
        self.outcomes = outcomes
    }
}

/// A program that runs beside a stage and ends with it.
package struct ServiceDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var run: String?
    package var image: Template?
    package var ready: String?
    package var condition: Expression?
    package var env: [Variable]

    package init(
        name: String,
        run: String? = nil,
        image: Template? = nil,
        ready: String? = nil,
        condition: Expression? = nil,
        env: [Variable] = []
    ) {
        self.name = name
        self.run = run
        self.image = image
        self.ready = ready
        self.condition = condition
        self.env = env
    }
}

/// Directories that a stage would like to find again. They may be missing.
package struct CacheDefinition: Sendable, Hashable, Codable {
    package var key: Template
    /// Prefixes of keys to take instead, in order, the newest entry first.
    package var fallback: [Template]
    /// Relative to the workspace, or to the private home as `~/...`.
    package var paths: [String]

    package init(key: Template, fallback: [Template] = [], paths: [String]) {
        self.key = key
        self.fallback = fallback
        self.paths = paths
    }
}

/// Files that a stage hands on under a name.
package struct ArtifactDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var paths: PatternList
    package var keep: Duration?

    package init(name: String, paths: PatternList, keep: Duration? = nil) {
        self.name = name
        self.paths = paths
        self.keep = keep
    }
}

package struct ReportDefinition: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case junit, coverage, sarif
    }

    package var kind: Kind
    package var paths: PatternList

    package init(kind: Kind, paths: PatternList) {
        self.kind = kind
        self.paths = paths
    }
}

/// Lets a stage be taken from an earlier run that had the same inputs.
package struct ReuseDefinition: Sendable, Hashable, Codable {
    /// Files that the outcome depends on; `nil` means all of the tree.
    package var inputs: PatternList?
    /// Commands whose output tells which tools the outcome depends on; `nil` in plans of older runners.
    package var tools: [String]?
    /// The share of reused stage runs, from 0 to 1, that are run all the same and compared.
    package var verify: Double?

    package init(inputs: PatternList? = nil, tools: [String]? = nil, verify: Double? = nil) {
        self.inputs = inputs
        self.tools = tools
        self.verify = verify
    }
}
