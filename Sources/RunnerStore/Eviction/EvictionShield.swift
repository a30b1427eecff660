package import FoundationEssentials
package import Git
package import RunnerCore

/// What may not be given up, whatever a budget says: what runs need that have not ended, what is live, and what somebody
/// may want to go back to.
package struct EvictionShield: Sendable, Hashable {
    private var reasons: [EvictionItem.Subject: String] = [:]
    /// What was used since then may be mounted by a run that goes on.
    private var since: Date?

    package init() {}

    package mutating func keep(run: RunNumber, because reason: String) { keep(.run(run), reason) }
    package mutating func keep(tree: ObjectID, because reason: String) { keep(.layer(tree), reason) }
    package mutating func keep(artifact: Digest, because reason: String) { keep(.artifact(artifact), reason) }
    package mutating func keep(mirror: String, because reason: String) { keep(.mirror(mirror), reason) }

    /// A run goes on that began then.
    package mutating func keepUsed(since time: Date) { since = min(since ?? time, time) }

    package mutating func formUnion(_ other: EvictionShield) {
        reasons.merge(other.reasons) { first, _ in first }
        if let time = other.since { keepUsed(since: time) }
    }

    /// Whether any run goes on.
    var hasRunning: Bool { since != nil }

    /// `nil` for what is not protected.
    func reason(for item: EvictionItem) -> String? {
        if let reason = reasons[item.subject] { return reason }
        if case .workspace(_, let run?) = item.subject, let reason = reasons[.run(run)] { return reason }
        switch item.dataClass {
        case .layers, .caches, .artifacts:
            guard let since, item.usedAt >= since else { return nil }
            return "a run that goes on may use it"
        case .mirrors, .logs, .workspaces: return nil
        }
    }

    private mutating func keep(_ subject: EvictionItem.Subject, _ reason: String) {
        if reasons[subject] == nil { reasons[subject] = reason }
    }
}
