package import FoundationEssentials

/// What a run holds so that others of its group wait.
package struct LockView: Sendable, Hashable, Codable {
    package var name: String
    /// Its holder.
    package var run: Int
    package var reason: String
    package var takenAt: Date

    package init(name: String, run: Int, reason: String, takenAt: Date) {
        self.name = name
        self.run = run
        self.reason = reason
        self.takenAt = takenAt
    }
}

/// A request to take a lock away.
package struct BreakLockBody: Sendable, Hashable, Codable {
    package var name: String
    package var reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
