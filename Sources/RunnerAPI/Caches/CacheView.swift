package import FoundationEssentials
package import RunnerCore

/// A saved cache that stages may find.
package struct CacheView: Sendable, Hashable, Codable {
    package var id: String
    package var key: String
    package var repository: String
    package var isolation: String
    package var paths: [String]
    /// Runs of refs of this trust, and of less, take it.
    package var trust: RefTrust
    package var run: Int
    /// The full name; `nil` for what an older runner saved.
    package var ref: String?
    /// The tree that it was saved from.
    package var tree: String
    package var savedAt: Date
    package var usedAt: Date
    /// Of all its layers, those that others share too.
    package var bytes: Int64
    package var layers: Int
    /// The entry that it lies over.
    package var parent: String?
    /// Whether a stage shows it now.
    package var isInUse: Bool
    /// False for one that another has replaced under its key.
    package var isCurrent: Bool
    /// Why no stage takes it; `nil` where it is whole.
    package var damage: String?

    package init(
        id: String,
        key: String,
        repository: String,
        isolation: String,
        paths: [String],
        trust: RefTrust,
        run: Int,
        ref: String?,
        tree: String,
        savedAt: Date,
        usedAt: Date,
        bytes: Int64,
        layers: Int,
        parent: String?,
        isInUse: Bool,
        isCurrent: Bool,
        damage: String?
    ) {
        self.id = id
        self.key = key
        self.repository = repository
        self.isolation = isolation
        self.paths = paths
        self.trust = trust
        self.run = run
        self.ref = ref
        self.tree = tree
        self.savedAt = savedAt
        self.usedAt = usedAt
        self.bytes = bytes
        self.layers = layers
        self.parent = parent
        self.isInUse = isInUse
        self.isCurrent = isCurrent
        self.damage = damage
    }
}

/// Which caches should go: those of this name or key, or all; perhaps of one repository only.
package struct CacheRemovalBody: Sendable, Hashable, Codable {
    package var cache: String?
    package var repository: String?
    /// Where `cache` is a key that several have: all of them. Without `cache`: every one.
    package var all: Bool?

    package init(cache: String? = nil, repository: String? = nil, all: Bool? = nil) {
        self.cache = cache
        self.repository = repository
        self.all = all
    }
}

/// What became of caches that should go.
package struct CacheRemovalView: Sendable, Hashable, Codable {
    package var removed: [CacheView]
    /// They stay: stages use them.
    package var inUse: [CacheView]
    package var bytes: Int64

    package init(removed: [CacheView], inUse: [CacheView], bytes: Int64) {
        self.removed = removed
        self.inUse = inUse
        self.bytes = bytes
    }
}
