import FoundationEssentials
package import Git
import RunnerCore
package import SystemPackage

/// The modification times that files of a workspace got beside the one time that all others have, and for which content.
/// An entry of a cache remembers them, so that what was built from a file finds it as it was.
package struct FileTimes: Sendable, Hashable {
    package struct Stamp: Sendable, Hashable {
        package var content: ObjectID
        /// Nanoseconds since 1970.
        package var time: Int64

        package init(content: ObjectID, time: Int64) {
            self.content = content
            self.time = time
        }
    }

    /// By path, as raw bytes.
    package private(set) var stamps: [[UInt8]: Stamp] = [:]

    /// Stands for the workspace itself, which has no name in its tree.
    package static let root = Array(".".utf8)

    package init() {}

    package var isEmpty: Bool { stamps.isEmpty }

    /// Of several times that are wanted for a file the latest is right: earlier ones may lie before something that was
    /// built from another content.
    package mutating func want(_ path: [UInt8], _ stamp: Stamp) {
        guard let known = stamps[path], known.time >= stamp.time else {
            stamps[path] = stamp
            return
        }
    }

    package mutating func forget(_ path: [UInt8]) { stamps[path] = nil }

    // MARK: - On disk

    /// `TIME CONTENT PATH` and a zero byte for each: a path may hold anything else.
    var encoded: Data {
        var bytes: [UInt8] = []
        for (path, stamp) in stamps.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            bytes += Array("\(stamp.time) \(stamp.content) ".utf8) + path + [0]
        }
        return Data(bytes)
    }

    /// As `init(encoded:)`, of a file; `nil` also where there is none.
    package static func read(_ file: FilePath) throws -> FileTimes? {
        try FileSystem.read(file).flatMap { FileTimes(encoded: $0) }
    }

    /// `nil` for what is no such file, or was cut off.
    init?(encoded data: Data) {
        let bytes = [UInt8](data)
        guard bytes.isEmpty || bytes.last == 0 else { return nil }
        for record in bytes.split(separator: 0) {
            let parts = record.split(separator: UInt8(ascii: " "), maxSplits: 2)
            guard parts.count == 3, let time = Int64(String(decoding: parts[0], as: UTF8.self)),
                let content = ObjectID(String(decoding: parts[1], as: UTF8.self))
            else { return nil }
            stamps[Array(parts[2])] = Stamp(content: content, time: time)
        }
    }
}
