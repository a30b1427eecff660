package import FoundationEssentials
package import RunnerCore

/// Everything that gates look at, gathered before: so that the engine, `runner why`, the API and `--at` say the same.
package struct GateFacts: Sendable {
    package var environment: DeployEnvironment
    package var release: DeployRelease
    /// By the wall; also a time to come.
    package var now: Date
    package var askedBy: String
    package var askedAt: Date
    /// Of what would be done: what approvals and signatures are bound to.
    package var planHash: String
    package var live: DeployRelease?
    package var ancestry = Ancestry.unknown
    /// True where the tag pointed elsewhere before.
    package var isTagMoved = false
    package var signature = Signature.notChecked
    /// By pipeline; missing is never run for this tree.
    package var passed: [String: Evidence] = [:]
    package var soak: Soak?
    package var approvals: [Approval] = []
    package var answers: [Answer] = []
    package var freezes: [Freeze] = []
    package var overrides: [Override] = []
    /// Who has the environment, as `deployment 12`.
    package var holder: String?

    package init(
        environment: DeployEnvironment,
        release: DeployRelease,
        now: Date,
        askedBy: String,
        askedAt: Date,
        planHash: String
    ) {
        self.environment = environment
        self.release = release
        self.now = now
        self.askedBy = askedBy
        self.askedAt = askedAt
        self.planHash = planHash
    }

    /// Of the release's commit to the live one's.
    package enum Ancestry: Sendable, Hashable {
        case descends, same, behind, diverged, unknown
    }

    package enum Signature: Sendable, Hashable {
        case good(by: String)
        case none
        case untrusted(key: String)
        case bad
        case notChecked
    }

    package enum Evidence: Sendable, Hashable {
        case succeeded(run: Int)
        case running(run: Int)
        case ended(run: Int, outcome: String)
    }

    /// How this very artifact did in the environment before.
    package struct Soak: Sendable, Hashable {
        package var healthy: Duration
        package var isLive: Bool
        package var isHealthyNow: Bool
        /// What is live there instead.
        package var other: String?

        package init(healthy: Duration, isLive: Bool, isHealthyNow: Bool, other: String? = nil) {
            self.healthy = healthy
            self.isLive = isLive
            self.isHealthyNow = isHealthyNow
            self.other = other
        }
    }

    package struct Approval: Sendable, Hashable {
        package var who: String
        package var role: Role
        package var isApproval: Bool
        package var planHash: String
        package var reason: String

        package init(who: String, role: Role, isApproval: Bool, planHash: String, reason: String = "") {
            self.who = who
            self.role = role
            self.isApproval = isApproval
            self.planHash = planHash
            self.reason = reason
        }
    }

    /// To an item of the checklist.
    package struct Answer: Sendable, Hashable {
        package var item: String
        package var by: String
        package var isGood: Bool
        package var planHash: String
        package var detail: String

        package init(item: String, by: String, isGood: Bool, planHash: String, detail: String = "") {
            self.item = item
            self.by = by
            self.isGood = isGood
            self.planHash = planHash
            self.detail = detail
        }
    }

    /// Begun by a person.
    package struct Freeze: Sendable, Hashable {
        package var until: Date?
        package var reason: String
        package var by: String

        package init(until: Date?, reason: String, by: String) {
            self.until = until
            self.reason = reason
            self.by = by
        }
    }

    package struct Override: Sendable, Hashable {
        package var gate: Protection.GateName
        package var by: String
        package var reason: String

        package init(gate: Protection.GateName, by: String, reason: String) {
            self.gate = gate
            self.by = by
            self.reason = reason
        }
    }
}
