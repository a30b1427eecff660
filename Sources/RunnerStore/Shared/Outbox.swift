package import FoundationEssentials
import Glibc
package import SystemPackage

/// Records that are still to be sent to the shared store, a file each: written before the first byte goes out, removed after
/// the last. What a crash leaves, the next run sends.
package struct Outbox: Sendable {
    package struct Entry: Sendable, Hashable, Codable {
        package struct Blob: Sendable, Hashable, Codable {
            package var digest: Digest
            package var bytes: Int64

            package init(digest: Digest, bytes: Int64) {
                self.digest = digest
                self.bytes = bytes
            }
        }

        package var record: SharedRecord
        package var content: Data
        /// What must be there before the record is.
        package var blobs: [Blob]

        package init(record: SharedRecord, content: Data, blobs: [Blob]) {
            self.record = record
            self.content = content
            self.blobs = blobs
        }
    }

    private let root: FilePath

    package init(_ state: StateDirectory) { root = state.path.appending("outbox") }

    package func add(_ entry: Entry) throws {
        try FileSystem.makeDirectories(root)
        try JSON.write(entry, to: root.appending("\(UniqueName.make()).json"), durable: true)
    }

    /// Names of what is to be sent, in no order.
    package var names: [String] { FileSystem.names(in: root).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") } }

    // MARK: - Caches

    /// Has a saved cache sent. Its parts are packed then.
    package func add(_ cache: CacheEntry) throws {
        try FileSystem.makeDirectories(root)
        try JSON.write(cache, to: root.appending("\(UniqueName.make()).cache"), durable: true)
    }

    /// Names of caches that are to be sent, in no order.
    package var cacheNames: [String] {
        FileSystem.names(in: root).filter { $0.hasSuffix(".cache") && !$0.hasPrefix(".") }
    }

    /// `nil` as for `entry`.
    package func cache(_ name: String) throws -> CacheEntry? {
        try JSON.recall(CacheEntry.self, at: root.appending(name))
    }

    // MARK: - Both

    /// `nil` where somebody else has sent it, or a crash of the machine left no record.
    func entry(_ name: String) throws -> Entry? { try JSON.recall(Entry.self, at: root.appending(name)) }

    package func remove(_ name: String) { unlink(root.appending(name).string) }

    /// A name for a file on its way, that nobody takes for an entry.
    package func aside() throws -> FilePath {
        try FileSystem.makeDirectories(root)
        return root.appending(".\(UniqueName.make())")
    }
}
