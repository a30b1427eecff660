package import FoundationEssentials
import Glibc
import SystemPackage

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

    /// `nil` where somebody else has sent it, or a crash of the machine left no record.
    func entry(_ name: String) throws -> Entry? { try JSON.recall(Entry.self, at: root.appending(name)) }

    func remove(_ name: String) { unlink(root.appending(name).string) }

    /// A name for a file on its way, that nobody takes for an entry.
    func aside() throws -> FilePath {
        try FileSystem.makeDirectories(root)
        return root.appending(".\(UniqueName.make())")
    }
}
