package import FoundationEssentials

/// Where releases go, and how it is there.
package struct EnvironmentView: Sendable, Hashable, Codable {
    package struct Place: Sendable, Hashable, Codable {
        /// `web-1`, or `web-1/blue`.
        package var instance: String
        package var address: String?
        /// What runs there.
        package var version: String?
        /// Its share of the traffic beside the others.
        package var weight: Int

        package init(instance: String, address: String?, version: String?, weight: Int) {
            self.instance = instance
            self.address = address
            self.version = version
            self.weight = weight
        }
    }

    package var name: String
    package var url: String?
    package var strategy: String
    package var live: ReleaseView?
    package var liveSince: Date?
    /// The deployment that made it live.
    package var deployment: Int64?
    /// Missing where nobody has looked yet.
    package var isHealthy: Bool?
    package var health: String?
    package var healthAt: Date?
    package var places: [Place]
    /// Those that have not ended, the oldest first.
    package var open: [DeploymentView]
    /// Freezes that people began, and their reasons.
    package var freezes: [String]

    package init(
        name: String,
        url: String?,
        strategy: String,
        live: ReleaseView?,
        liveSince: Date?,
        deployment: Int64?,
        isHealthy: Bool?,
        health: String?,
        healthAt: Date?,
        places: [Place],
        open: [DeploymentView],
        freezes: [String]
    ) {
        self.name = name
        self.url = url
        self.strategy = strategy
        self.live = live
        self.liveSince = liveSince
        self.deployment = deployment
        self.isHealthy = isHealthy
        self.health = health
        self.healthAt = healthAt
        self.places = places
        self.open = open
        self.freezes = freezes
    }
}

/// What one gate says.
package struct GateView: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case passed, waiting, refused, overridden, skipped
    }

    package var gate: String
    package var state: State
    package var reason: String
    /// Who must act.
    package var owner: String?
    /// When it may change by itself.
    package var next: Date?
    /// When waiting ends.
    package var until: Date?

    package init(gate: String, state: State, reason: String, owner: String?, next: Date?, until: Date?) {
        self.gate = gate
        self.state = state
        self.reason = reason
        self.owner = owner
        self.next = next
        self.until = until
    }
}

/// Whether a release may go to an environment at a time, and why not.
package struct WhyView: Sendable, Hashable, Codable {
    package enum Decision: String, Sendable, Hashable, Codable, CaseIterable {
        case open, waits, refused
    }

    package var environment: String
    package var release: ReleaseView
    /// The one that waits; missing where nobody asked yet.
    package var deployment: Int64?
    package var plan: String?
    package var at: Date
    package var decision: Decision
    package var gates: [GateView]

    package init(
        environment: String,
        release: ReleaseView,
        deployment: Int64?,
        plan: String?,
        at: Date,
        decision: Decision,
        gates: [GateView]
    ) {
        self.environment = environment
        self.release = release
        self.deployment = deployment
        self.plan = plan
        self.at = at
        self.decision = decision
        self.gates = gates
    }
}

/// A time without deployments.
package struct FreezeBody: Sendable, Hashable, Codable {
    /// Missing: until it is lifted.
    package var until: Date?
    package var reason: String

    package init(until: Date?, reason: String) {
        self.until = until
        self.reason = reason
    }
}

/// How many freezes were lifted.
package struct FreezeCount: Sendable, Hashable, Codable {
    package var lifted: Int

    package init(lifted: Int) { self.lifted = lifted }
}
