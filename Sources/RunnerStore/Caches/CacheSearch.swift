package import FoundationEssentials
package import RunnerCore

/// What a search for a cache looked at, and what it took.
package struct CacheSearch: Sendable {
    package var hit: CacheStore.Hit?
    /// The one that was taken first, then those that were passed over.
    package var candidates: [CacheCandidate] = []

    /// The entry that comes nearest to a key that was missed: that shares most of its beginning, the newest of equals.
    package func nearest(to key: String) -> CacheCandidate? {
        candidates.filter { $0.verdict != .damaged }.max { left, right in
            let (one, other) = (Self.shared(left.key, key), Self.shared(right.key, key))
            return one == other ? left.savedAt < right.savedAt : one < other
        }
    }

    private static func shared(_ left: String, _ right: String) -> Int {
        zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
    }
}

/// One entry that a search looked at.
package struct CacheCandidate: Sendable, Hashable, Codable {
    package enum Verdict: String, Sendable, Hashable, Codable {
        /// Taken: it has the key.
        case exact
        /// Taken: its key begins with a fallback.
        case fallback
        /// It would do as well, but another comes before it.
        case later
        /// It has neither the key nor a beginning that `fallback` names.
        case otherKey = "other-key"
        case otherPaths = "other-paths"
        /// It was written by a ref that this run may not take from.
        case otherTrust = "other-trust"
        case otherIsolation = "other-isolation"
        /// A part of it is missing or cannot be understood.
        case damaged
    }

    package var id: String
    package var key: String
    package var paths: [String]
    package var run: RunNumber
    package var ref: String?
    package var trust: RefTrust
    package var savedAt: Date
    package var verdict: Verdict
    /// Which fallback, or what is missing.
    package var note: String?

    init(_ entry: CacheEntry, _ verdict: Verdict, note: String? = nil) {
        id = entry.id
        key = entry.key
        paths = entry.paths
        run = entry.run
        ref = entry.ref
        trust = entry.standing
        savedAt = entry.savedAt
        self.verdict = verdict
        self.note = note
    }
}
