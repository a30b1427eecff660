package import FoundationEssentials
import Glibc
package import SystemPackage

/// Objects in a directory that several machines mount. Many may write at once: each makes its file aside, and renames it.
///
/// A network mount may hang for minutes. Each operation runs on a thread of its own, and who waits for it can be cancelled.
package struct DirectoryObjects: ObjectStore {
    private let root: FilePath

    package init(_ root: FilePath) { self.root = root }

    package func read(_ name: ObjectName, limit: Int) async throws -> Data? {
        try await BlockingCall.run { [root] in
            guard let file = try SharedFile.open(name, below: root) else { return nil }
            guard file.bytes <= limit else { throw ObjectFailure.tooLarge("\(name)") }
            var data = Data()
            try file.pieces { data.append(contentsOf: $0) }
            return data
        }
    }

    package func download(_ name: ObjectName, to file: FilePath, limit: Int64) async throws -> Bool {
        try await BlockingCall.run { [root] in
            guard let source = try SharedFile.open(name, below: root) else { return false }
            guard source.bytes <= limit else { throw ObjectFailure.tooLarge("\(name)") }
            let target = try NewFile(file)
            do {
                try source.pieces { try target.append($0) }
                try target.finish()
            } catch {
                target.discard()
                throw error
            }
            return true
        }
    }

    package func upload(_ file: FilePath, as name: ObjectName) async throws {
        try await BlockingCall.run { [root] in
            let source = try SharedFile(path: file)
            try SharedFile.put(name, below: root) { append in try source.pieces(append) }
        }
    }

    package func write(_ bytes: Data, as name: ObjectName) async throws {
        try await BlockingCall.run { [root] in
            try SharedFile.put(name, below: root) { append in try bytes.withUnsafeBytes { try append($0) } }
        }
    }

    package func size(_ name: ObjectName) async throws -> Int64? {
        try await BlockingCall.run { [root] in try SharedFile.open(name, below: root)?.bytes }
    }

    package func list(_ prefix: String, after page: ObjectPage.Next?) async throws -> ObjectPage {
        try await BlockingCall.run { [root] in
            let entries = try SharedFile.list(prefix, below: root)
            let rest = entries.drop { entry in page.map { entry.name.description <= $0.token } ?? false }
            let shown = Array(rest.prefix(Self.pageLength))
            let next = rest.count > shown.count ? shown.last.map { ObjectPage.Next(token: "\($0.name)") } : nil
            return ObjectPage(entries: shown, next: next)
        }
    }

    package func remove(_ name: ObjectName) async throws {
        try await BlockingCall.run { [root] in try SharedFile.remove(name, below: root) }
    }

    package func close() async {}

    /// As S3 has it.
    private static let pageLength = 1000
}
