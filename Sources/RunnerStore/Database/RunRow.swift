package import FoundationEssentials
import GRDB
package import RunnerCore

/// A run as the database knows it. What its stages wrote lies in `runs/N`.
package struct RunRow: Sendable, Hashable {
    package var number: RunNumber
    package var repositoryID: RepositoryID
    package var repository: String
    package var pipeline: String
    package var event: RunEvent
    /// Why it was made, as `branch develop matches "develop"` or `by ada`.
    package var cause: String
    package var status: Status
    /// Of the end, or of waiting, in words.
    package var reason: String?
    package var priority: RunPriority
    /// The lock that it must hold to run: its concurrency group, scoped to its repository.
    package var lockName: String?
    package var policy: Concurrency.Policy?
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?
    package var supersededBy: RunNumber?
    package var rerunOf: RunNumber?
    /// Why it is to end, once that was asked for.
    package var cancelReason: String?
    /// Bytes of its `events.jsonl` that the database has taken in.
    package var followed: Int64
    /// Grows with every change of any run: what feeds resume from.
    package var change: Int64

    package var outcome: Outcome? { if case .finished(let outcome) = status { outcome } else { nil } }
}

/// A stage of a run as the database knows it.
package struct StageRow: Sendable, Hashable {
    package var run: RunNumber
    package var stage: StageID
    package var isFinally: Bool
    package var status: Status
    package var reason: String?
    package var attempt: Int
    package var startedAt: Date?
    package var seconds: Double?
    package var reusedFrom: RunNumber?
}

/// A run to be written down.
package struct NewRun: Sendable {
    package var plan: Plan
    package var selection: RunSelection
    package var cause: String
    package var priority: RunPriority
    package var rerunOf: RunNumber?
    /// Set for a run that ends before it began: a skip that people should see.
    package var refusal: (outcome: Outcome, reason: String)?

    package init(
        plan: Plan,
        selection: RunSelection = RunSelection(),
        cause: String,
        rerunOf: RunNumber? = nil,
        refusal: (outcome: Outcome, reason: String)? = nil
    ) {
        self.plan = plan
        self.selection = selection
        self.cause = cause
        priority = RunPriority(ref: plan.event.ref)
        self.rerunOf = rerunOf
        self.refusal = refusal
    }
}

/// Which stages of a plan run, and what is taken over from an earlier run.
package struct RunSelection: Sendable, Hashable, Codable {
    /// `nil` means all.
    package var stages: Set<StageID>?
    /// The run whose outcomes are taken for stages that succeeded there.
    package var takesFrom: RunNumber?
    /// Stages whose outcome is taken from `takesFrom`.
    package var taken: Set<StageID>
    /// False: stages with `reuse` run all the same.
    package var reuses: Bool

    package init(
        stages: Set<StageID>? = nil,
        takesFrom: RunNumber? = nil,
        taken: Set<StageID> = [],
        reuses: Bool = true
    ) {
        self.stages = stages
        self.takesFrom = takesFrom
        self.taken = taken
        self.reuses = reuses
    }
}

extension RunRow {
    /// Of a row of `run` joined with the repository's name as `repositoryName`.
    init(_ row: Row) throws {
        guard let number = RunNumber(row["number"]) else {
            throw RunnerError(.errored, "cannot read a run", why: "its number is \(row["number"] as Int)")
        }
        self.init(
            number: number,
            repositoryID: RepositoryID(row["repository"]),
            repository: row["repositoryName"],
            pipeline: row["pipeline"],
            event: try JSON.value(RunEvent.self, row["event"]),
            cause: row["cause"],
            status: Status(row),
            reason: row["reason"],
            priority: RunPriority(rawValue: row["priority"]) ?? .other,
            lockName: row["lockName"],
            policy: (row["policy"] as String?).flatMap(Concurrency.Policy.init),
            createdAt: Date(timeIntervalSince1970: row["createdAt"]),
            startedAt: (row["startedAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
            finishedAt: (row["finishedAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
            supersededBy: (row["supersededBy"] as Int?).flatMap(RunNumber.init),
            rerunOf: (row["rerunOf"] as Int?).flatMap(RunNumber.init),
            cancelReason: row["cancelReason"],
            followed: row["followed"],
            change: row["change"]
        )
    }
}

extension StageRow {
    init(_ row: Row) throws {
        guard let run = RunNumber(row["run"]) else {
            throw RunnerError(.errored, "cannot read a stage", why: "its run is \(row["run"] as Int)")
        }
        self.init(
            run: run,
            stage: StageID(row["name"]),
            isFinally: row["isFinally"],
            status: Status(row),
            reason: row["reason"],
            attempt: row["attempt"],
            startedAt: (row["startedAt"] as Double?).map(Date.init(timeIntervalSince1970:)),
            seconds: row["seconds"],
            reusedFrom: (row["reusedFrom"] as Int?).flatMap(RunNumber.init)
        )
    }
}

extension Status {
    /// Of the columns `status`, `outcome` and `reason`.
    init(_ row: Row) {
        switch row["status"] as String {
        case "waiting": self = .waiting(row["reason"] ?? "")
        case "running": self = .running
        case "finished": self = .finished((row["outcome"] as String?).flatMap(Outcome.init) ?? .errored)
        default: self = .pending
        }
    }

    /// The value of the column `outcome`.
    var outcomeColumn: String? { if case .finished(let outcome) = self { outcome.rawValue } else { nil } }

    /// The value of the column `status`.
    var column: String {
        switch self {
        case .pending: "pending"
        case .waiting: "waiting"
        case .running: "running"
        case .finished: "finished"
        }
    }
}
