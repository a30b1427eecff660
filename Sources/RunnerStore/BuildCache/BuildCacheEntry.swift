/// What a build tool asks a build cache for, by Bazel's HTTP protocol.
package struct BuildCacheEntry: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// `cas`: bytes by their SHA-256.
        case content = "cas"
        /// `ac`: what came of some work, by a digest of the work. Its bytes say nothing to us.
        case action = "ac"
    }

    package var kind: Kind
    package var key: Digest

    package init(kind: Kind, key: Digest) {
        self.kind = kind
        self.key = key
    }
}
