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
    package var savedAt: Date
    /// The entry that this one's layers lie over.
    package var parent: String?
}
