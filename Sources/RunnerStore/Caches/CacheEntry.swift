package import FoundationEssentials
package import Git
package import RunnerCore

/// The record of one saved cache.
package struct CacheEntry: Sendable, Hashable, Codable {
    package var id: String
    package var repository: String
    package var key: String
    package var paths: [String]
    /// The tree that the saving stage ran on: files that differ from it need a fresh time after restoring.
    package var tree: ObjectID
    package var run: RunNumber
    /// Not before anything in its layers was written, whatever the clock did meanwhile.
    package var savedAt: Date
    /// The entry that this one's layers lie over.
    package var parent: String?
    /// Who may take it. `nil` in records of older runners, which is `.ordinary`.
    package var trust: RefTrust?
    /// The full name of the ref that the run was for. `nil` in records of older runners.
    package var ref: String?
    /// True for one that changed nothing: it has no layers of its own, only another key, tree or times.
    package var isBare: Bool?
    /// How many files had a time of their own (FileTimes); `nil` means none.
    package var timed: Int?
    /// Of a merged entry: the one whose layers it has as fewer.
    package var mergedFrom: String?
    /// Where it was saved, as a shared store tells; `nil` for one of this machine.
    package var machine: String?

    package init(
        id: String,
        repository: String,
        key: String,
        paths: [String],
        tree: ObjectID,
        run: RunNumber,
        savedAt: Date,
        parent: String? = nil,
        trust: RefTrust? = nil,
        ref: String? = nil
    ) {
        self.id = id
        self.repository = repository
        self.key = key
        self.paths = paths
        self.tree = tree
        self.run = run
        self.savedAt = savedAt
        self.parent = parent
        self.trust = trust
        self.ref = ref
    }

    /// Whether a text can be the name of an entry, and so a part of a path: 1 to 16 lower-case hexadecimal digits.
    package static func isName(_ text: String) -> Bool {
        (1...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Who may take it.
    package var standing: RefTrust { trust ?? .ordinary }

    package var hasLayers: Bool { isBare != true }

    /// `run 7 of develop`.
    package var origin: String { place + (machine.map { " on \($0)" } ?? "") }

    private var place: String {
        guard let ref else { return "run \(run)" }
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return "run \(run) of \(ref.dropFirst(prefix.count))"
        }
        return "run \(run) of \(ref)"
    }
}
