package import FoundationEssentials
package import RunnerCore

/// A run that a person asks for.
package struct RunRequest: Sendable, Hashable {
    package var pipeline: String
    /// May be left out where the server watches one repository.
    package var repository: String?
    /// A branch, a tag, a full ref name or a commit; `nil` means the branch that the repository's `HEAD` names.
    package var ref: String?
    package var inputs: [String: String]
    /// Only these stages and what they need; empty means all.
    package var stages: [String]
    package var reuses: Bool
    /// Who asks, for the record.
    package var actor: String

    package init(
        pipeline: String,
        repository: String? = nil,
        ref: String? = nil,
        inputs: [String: String] = [:],
        stages: [String] = [],
        reuses: Bool = true,
        actor: String
    ) {
        self.pipeline = pipeline
        self.repository = repository
        self.ref = ref
        self.inputs = inputs
        self.stages = stages
        self.reuses = reuses
        self.actor = actor
    }
}

/// What of an earlier run is run again.
package enum RerunChoice: Sendable, Hashable {
    case all
    /// What did not succeed, and what comes after; the rest is taken over by digest.
    case fromFailed
    /// One stage; what it needs is taken over.
    case stage(StageID)
}

/// What the daemon is doing now.
package struct EngineStatus: Sendable, Hashable {
    package var version: String
    package var startedAt: Date
    package var pid: Int32
    /// No new run starts.
    package var isDraining: Bool
    package var slots: Int
    package var usedSlots: Int
    package var pending: Int
    package var waiting: Int
    package var running: Int
    package var repositories: Int
    /// Those whose last look failed.
    package var problems: Int
    /// Why nothing new starts, where the disk is short; `nil` where it is not.
    package var diskProblem: String?
    package var freeBytes: Int64
    package var state: String

    package init(
        version: String,
        startedAt: Date,
        pid: Int32,
        isDraining: Bool,
        slots: Int,
        usedSlots: Int,
        pending: Int,
        waiting: Int,
        running: Int,
        repositories: Int,
        problems: Int,
        diskProblem: String?,
        freeBytes: Int64,
        state: String
    ) {
        self.version = version
        self.startedAt = startedAt
        self.pid = pid
        self.isDraining = isDraining
        self.slots = slots
        self.usedSlots = usedSlots
        self.pending = pending
        self.waiting = waiting
        self.running = running
        self.repositories = repositories
        self.problems = problems
        self.diskProblem = diskProblem
        self.freeBytes = freeBytes
        self.state = state
    }
}
