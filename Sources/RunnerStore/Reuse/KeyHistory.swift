import FoundationEssentials
package import RunnerCore
import SystemPackage

/// The newest keys of each stage, so that a miss can say what was different.
///
///     recent/DIGEST.json    of one stage of one pipeline of one repository, the newest first
package struct KeyHistory: Sendable {
    private static let length = 20

    package struct Entry: Sendable, Hashable, Codable {
        package var run: RunNumber
        package var ref: String
        package var trust: RefTrust
        package var key: Digest
        package var components: [String: Digest]
    }

    private let root: FilePath

    package init(_ state: StateDirectory) { root = state.layers.appending("reuse").appending("recent") }

    /// The entry with the fewest differences, of those the newest; and what differs, sorted.
    package func nearest(
        to key: StageKey,
        repository: String,
        pipeline: String,
        stage: StageID
    ) throws -> (entry: Entry, differs: [String])? {
        let entries = try entries(path(repository, pipeline, stage))
        return Self.nearest(to: key, among: entries)
    }

    static func nearest(to key: StageKey, among entries: [Entry]) -> (entry: Entry, differs: [String])? {
        entries.map { ($0, key.differences(from: $0.components)) }.min { $0.1.count < $1.1.count }
    }

    /// Two runs at once may forget one of their keys here: it is there to explain.
    package func remember(_ key: StageKey, of record: OutcomeRecord) throws {
        let path = path(record.repository, record.pipeline, record.result.stage)
        let entry = Entry(
            run: record.run,
            ref: record.ref,
            trust: record.trust,
            key: key.digest,
            components: Dictionary(key.components.map { ($0.name, $0.digest) }) { first, _ in first }
        )
        try FileSystem.makeDirectories(root)
        let older = try entries(path).filter { $0.key != key.digest }
        try JSON.write(Array(([entry] + older).prefix(Self.length)), to: path)
    }

    private func entries(_ path: FilePath) throws -> [Entry] { try JSON.recall([Entry].self, at: path) ?? [] }

    private func path(_ repository: String, _ pipeline: String, _ stage: StageID) -> FilePath {
        root.appending("\(Digest.sha256([repository, pipeline, stage.description].joined(separator: "\u{0}"))).json")
    }
}
