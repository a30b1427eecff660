import FoundationEssentials
import ObjectStorage
package import RunnerCore

/// One saved cache as machines share it: an entry with all that it lies over, each part of it by content.
///
///     records/cache/LEVEL/NAME          a `SharedRecord`: NAME is the SHA-256 of scope, key and paths
///     caches/LEVEL/PLACE/HEX            an empty mark per key, for fallbacks; PLACE is the SHA-256 of scope and paths
///
/// A mark is not signed: it only says which record may be worth asking for.
package struct SharedCache: Sendable, Hashable, Codable {
    /// An entry and its parts.
    package struct Member: Sendable, Hashable, Codable {
        package var entry: CacheEntry
        package var packs: CachePacks

        package init(entry: CacheEntry, packs: CachePacks) {
            self.entry = entry
            self.packs = packs
        }
    }

    /// The newest first; each lies over the next.
    package var members: [Member]

    package init(members: [Member]) { self.members = members }

    /// A key of more bytes has no mark, and is found as itself alone: a name of an object has room for 200 digits.
    static let longestMarked = 100
    /// Layers above this cannot be mounted.
    private static let deepest = 100

    /// Whether it is what was asked for, may be read, and hangs together. It was signed, but perhaps by an older runner.
    package func answers(key: String, _ spec: CacheSpec, of scope: String, readable: [RefTrust]) -> Bool {
        guard let head = members.first?.entry, members.count <= 10 * Self.deepest,
            members.filter(\.entry.hasLayers).count <= Self.deepest, Set(members.map(\.entry.id)).count == members.count
        else { return false }
        let areLinked = members.indices.allSatisfy { index in
            let next = index + 1 < members.count ? members[index + 1].entry.id : nil
            return members[index].entry.parent == next
        }
        return head.key == key && areLinked
            && members.allSatisfy { member in
                let entry = member.entry
                return CacheEntry.isName(entry.id) && entry.repository == scope && entry.paths == spec.paths
                    && readable.contains(entry.standing)
                    && member.packs.layers.count == (entry.hasLayers ? entry.paths.count : 0)
                    && (member.packs.times == nil) == ((entry.timed ?? 0) == 0)
            }
    }

    // MARK: - Names

    static func record(_ scope: String, _ key: String, _ paths: [String], _ level: RefTrust) -> SharedRecord {
        SharedRecord(.cache, level, Digest.sha256(([scope, key] + paths).joined(separator: "\u{0}")))
    }

    /// What the marks of keys that begin so begin with.
    static func marks(_ scope: String, _ paths: [String], _ level: RefTrust, beginning: String = "") -> String {
        let place = Digest.sha256(([scope] + paths).joined(separator: "\u{0}"))
        return "caches/\(level.rawValue)/\(place)/\(hex(beginning.utf8.prefix(longestMarked)))"
    }

    /// `nil` for a key that is too long for one.
    static func mark(_ scope: String, _ key: String, _ paths: [String], _ level: RefTrust) -> ObjectName? {
        guard (1...longestMarked).contains(key.utf8.count) else { return nil }
        return ObjectName(marks(scope, paths, level, beginning: key))
    }

    /// The key of a mark; `nil` for any other object.
    static func key(of mark: ObjectName) -> String? {
        guard let digits = mark.description.split(separator: "/").last?.utf8, digits.count.isMultiple(of: 2) else {
            return nil
        }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case 48...57: value = digit - 48
            case 97...102: value = digit - 87
            default: return nil
            }
            if let first = high { bytes.append(first << 4 | value) }
            high = high == nil ? value : nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// The parts of an entry by content: each layer as an archive, and the times that it remembers. Kept beside the entry, so
/// that it is packed once.
package struct CachePacks: Sendable, Hashable, Codable {
    package var layers: [Outbox.Entry.Blob]
    package var times: Outbox.Entry.Blob?

    package init(layers: [Outbox.Entry.Blob] = [], times: Outbox.Entry.Blob? = nil) {
        self.layers = layers
        self.times = times
    }
}

extension SharedStore {
    /// The cache of a key as any level that may be read has it, the highest first; `nil` where none does.
    package func cache(_ key: String, for spec: CacheSpec, of scope: String, readable: [RefTrust]) async -> SharedCache?
    {
        for level in readable {
            guard let content = await read(SharedCache.record(scope, key, spec.paths, level)) else { continue }
            // Signed, and yet nothing that this runner understands: another version's.
            guard let cache = try? JSON.decode(SharedCache.self, from: content),
                cache.answers(key: key, spec, of: scope, readable: readable)
            else { continue }
            return cache
        }
        return nil
    }

    /// Keys that begin so, the one that was saved last first.
    package func cacheKeys(
        beginning prefix: String,
        for spec: CacheSpec,
        of scope: String,
        readable: [RefTrust]
    ) async -> [String] {
        var found: [(key: String, modified: Date)] = []
        for level in readable {
            let marks = await list(SharedCache.marks(scope, spec.paths, level, beginning: prefix))
            found += marks.compactMap { mark in SharedCache.key(of: mark.name).map { ($0, mark.modified) } }
        }
        // A prefix may be longer than what a mark has of it.
        return found.filter { $0.key.utf8.starts(with: prefix.utf8) }.sorted { $0.modified > $1.modified }.map(\.key)
    }

    /// Writes a cache whose parts are all there. False where it could not be written.
    package func write(_ cache: SharedCache) async -> Bool {
        guard let head = cache.members.first?.entry, let content = try? JSON.encode(cache) else { return true }
        let record = SharedCache.record(head.repository, head.key, head.paths, head.standing)
        guard await write(content, as: record) else { return false }
        guard let mark = SharedCache.mark(head.repository, head.key, head.paths, head.standing) else { return true }
        return await self.mark(mark)
    }
}
