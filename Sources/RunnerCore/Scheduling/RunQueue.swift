package import FoundationEssentials

/// Runs that have not ended, and the machine: what the scheduler decides from.
package struct RunQueue: Sendable {
    /// A run that has not begun.
    package struct Candidate: Sendable, Hashable {
        package var number: RunNumber
        /// Tells repositories apart.
        package var repository: String
        package var priority: RunPriority
        package var lockName: String?
        package var policy: Concurrency.Policy?
        package var createdAt: Date
        package var demand: Grant
        /// `nil` where nobody has looked.
        package var work: Work?

        package init(
            number: RunNumber,
            repository: String,
            priority: RunPriority,
            lockName: String? = nil,
            policy: Concurrency.Policy? = nil,
            createdAt: Date,
            demand: Grant,
            work: Work? = nil
        ) {
            self.number = number
            self.repository = repository
            self.priority = priority
            self.lockName = lockName
            self.policy = policy
            self.createdAt = createdAt
            self.demand = demand
            self.work = work
        }
    }

    /// A run that has begun.
    package struct Active: Sendable, Hashable {
        package var number: RunNumber
        package var repository: String
        package var priority: RunPriority
        package var createdAt: Date
        /// What its running and startable stages could use.
        package var demand: Grant
        /// What its running stages use.
        package var used: Grant
        /// What its supervisor last said that it may use.
        package var granted: Grant
        /// What it was last told that it may use.
        package var asked: Grant
        package var isCanceled: Bool
        package var work: Work?

        package init(
            number: RunNumber,
            repository: String,
            priority: RunPriority,
            createdAt: Date,
            demand: Grant,
            used: Grant,
            granted: Grant,
            asked: Grant,
            isCanceled: Bool = false,
            work: Work? = nil
        ) {
            self.number = number
            self.repository = repository
            self.priority = priority
            self.createdAt = createdAt
            self.demand = demand
            self.used = used
            self.granted = granted
            self.asked = asked
            self.isCanceled = isCanceled
            self.work = work
        }

        /// What nobody else can have now.
        var committed: Grant { used.orMore(granted).orMore(asked) }
    }

    package var capacity: Grant
    package var pending: [Candidate]
    package var active: [Active]
    /// Who holds which lock.
    package var locks: [String: RunNumber]
    /// Why nothing starts, as `draining`; `nil` where it may.
    package var hold: String?
    /// Repositories of which a ref has moved that nobody has planned yet.
    package var unplanned: Set<String> = []

    package init(
        capacity: Grant,
        pending: [Candidate] = [],
        active: [Active] = [],
        locks: [String: RunNumber] = [:],
        hold: String? = nil
    ) {
        self.capacity = capacity
        self.pending = pending
        self.active = active
        self.locks = locks
        self.hold = hold
    }
}

/// What is to be done about a run.
package enum RunDecision: Sendable, Hashable {
    case start(RunNumber, Grant)
    /// It has not begun and never will: a newer one of its group takes its place.
    case supersede(RunNumber, by: RunNumber)
    /// It runs, and a newer one of its group takes its place.
    case cancel(RunNumber, by: RunNumber)
    /// Its group is taken, and it does not want to wait.
    case reject(RunNumber, because: RunNumber)
    case wait(RunNumber, String)
    /// It runs, and its share changes.
    case grant(RunNumber, Grant)
}
