/// One host, or one place on it, that runs a release.
package struct DeployTarget: Sendable, Hashable, Codable {
    package var name: String
    package var host: Host
    /// Where the `directory` driver keeps releases: absolute. `nil` where the driver needs none.
    package var path: String?
    /// Where the release answers, as `HOST:PORT`; of a target with slots, each slot has its own.
    package var address: String?
    /// Two places beside each other, for strategies that switch between them.
    package var slots: [Slot: String] = [:]
    package var labels: [String] = []
    /// Its share of the traffic beside the others, from 1 to 1000.
    package var weight = 100

    package init(name: String, host: Host = .local, path: String? = nil, address: String? = nil) {
        self.name = name
        self.host = host
        self.path = path
        self.address = address
    }

    /// Where its scripts run.
    package enum Host: Sendable, Hashable, Codable {
        /// This machine, as the daemon's user.
        case local
        case ssh(SSHHost)
    }

    /// One of two places of a target.
    package enum Slot: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
        case blue, green

        package var other: Slot {
            switch self {
            case .blue: .green
            case .green: .blue
            }
        }

        package static func < (left: Slot, right: Slot) -> Bool { left.rawValue < right.rawValue }
    }
}

/// A host that is reached by ssh.
package struct SSHHost: Sendable, Hashable, Codable {
    package var user: String?
    package var host: String
    package var port: Int?
    /// A private key; `nil` leaves it to the agent and the user's own keys.
    package var identity: String?
    /// What its key is checked against; `nil` means the user's own file. A host that is not in there is refused.
    package var knownHosts: String?

    package init(
        user: String? = nil,
        host: String,
        port: Int? = nil,
        identity: String? = nil,
        knownHosts: String? = nil
    ) {
        self.user = user
        self.host = host
        self.port = port
        self.identity = identity
        self.knownHosts = knownHosts
    }
}

/// A target, or one slot of it: what runs one release at a time.
package struct DeployInstance: Sendable, Hashable, Codable, Comparable {
    package var target: String
    package var slot: DeployTarget.Slot?

    package init(_ target: String, _ slot: DeployTarget.Slot? = nil) {
        self.target = target
        self.slot = slot
    }

    package static func < (left: DeployInstance, right: DeployInstance) -> Bool {
        (left.target, left.slot?.rawValue ?? "") < (right.target, right.slot?.rawValue ?? "")
    }
}

extension DeployInstance: CustomStringConvertible {
    /// `web-1`, or `web-1/blue`.
    package var description: String { slot.map { "\(target)/\($0.rawValue)" } ?? target }
}
