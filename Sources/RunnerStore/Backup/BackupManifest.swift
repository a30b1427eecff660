package import FoundationEssentials
import RunnerCore

/// What is in a backup: its first file, `manifest.json`. Nothing is taken from an archive that does not stand here.
struct BackupManifest: Codable {
    static let name = "manifest.json"
    static let databaseName = "runner.db"
    static let currentVersion = 1

    struct File: Codable {
        /// Relative to the state directory.
        var path: String
        var bytes: Int64
        var digest: Digest
        var isExecutable: Bool
    }

    var version = Self.currentVersion
    var createdAt: Date
    var runs: Int
    var files: [File]

    /// Why a path of an archive is not to be trusted; `nil` where it may be written below a state directory.
    static func problem(with path: String) -> String? {
        if path.hasPrefix("/") { return "it is absolute" }
        if path.utf8.contains(0) || path.utf8.count > 4000 { return "it is no path" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.contains("..") { return "it leads out of the state directory" }
        if parts.contains("") || parts.contains(".") { return "it is no plain path" }
        let isKnown: Bool =
            switch parts[0] {
            case "runner.db", "pins.json": parts.count == 1
            case "runs": parts.count > 2 && Int(parts[1]).flatMap(RunNumber.init)?.description == String(parts[1])
            case "artifacts":
                parts.count > 2 && ["blobs", "keep", "manifests", "promotions", "provenance"].contains(parts[1])
            case "keys": parts.count > 2 && parts[1] == "public"
            default: false
            }
        return isKnown ? nil : "no state directory has such a file"
    }
}

/// What a person is told of a backup.
package struct BackupSummary: Sendable, Hashable {
    package var createdAt: Date
    package var runs: Int
    package var files: Int
    /// Of the files, before compression.
    package var bytes: Int64
    /// What was left out, in words.
    package var notes: [String]

    init(_ manifest: BackupManifest, notes: [String] = []) {
        createdAt = manifest.createdAt
        runs = manifest.runs
        files = manifest.files.count
        bytes = manifest.files.reduce(0) { $0 + $1.bytes }
        self.notes = notes
    }
}
