/// What whoever holds a token may do; each may all that the ones before it may.
package enum Role: String, Sendable, Hashable, Codable, Comparable, CaseIterable {
    /// Look at everything.
    case viewer
    /// Start, cancel and repeat runs.
    case developer
    /// Let a deployment pass a gate.
    case approver
    /// Repositories, locks, tokens, the daemon itself.
    case admin

    package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .developer: 1
        case .approver: 2
        case .admin: 3
        }
    }
}
