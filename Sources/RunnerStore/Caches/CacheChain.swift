import RunnerCore
package import SystemPackage

/// An entry and those that it lies over, read and found whole.
package struct CacheChain: Sendable {
    /// The newest first.
    package let entries: [CacheEntry]
    private let root: FilePath

    package var head: CacheEntry { entries[0] }

    /// Those that have layers of their own.
    package var layered: [CacheEntry] { entries.filter(\.hasLayers) }

    package func directory(_ entry: CacheEntry) -> FilePath { CacheStore.directory(entry.id, below: root) }

    /// An entry's layer of one path.
    package func layer(_ entry: CacheEntry, _ index: Int) -> FilePath { directory(entry).appending(String(index)) }

    /// Where an entry's times are, if it remembers any.
    package func times(_ entry: CacheEntry) -> FilePath? {
        (entry.timed ?? 0) > 0 ? directory(entry).appending("times") : nil
    }

    /// Keeps every entry from being taken away for as long as what it returns lives; `nil` where one is going.
    package func hold() -> [CacheHold]? {
        let holds = entries.compactMap { CacheHold.share(directory($0)) }
        return holds.count == entries.count ? holds : nil
    }

    /// What its parts were when they were packed; `nil` where they were not.
    package func packs(of entry: CacheEntry) throws -> CachePacks? {
        try JSON.recall(CachePacks.self, at: directory(entry).appending("packs.json"))
    }

    package func remember(_ packs: CachePacks, of entry: CacheEntry) throws {
        try JSON.write(packs, to: directory(entry).appending("packs.json"))
    }

    /// A longer chain is no chain of ours.
    private static let longest = 1000

    /// Follows the parents of an entry to the last, and looks whether each has what it should.
    static func read(
        _ head: CacheEntry,
        below root: FilePath,
        readable: [RefTrust]
    ) throws -> Result<CacheChain, CacheDamage> {
        var entries: [CacheEntry] = []
        var known: Set<String> = []
        var next = head
        while true {
            guard CacheEntry.isName(next.id), known.insert(next.id).inserted, known.count <= longest else {
                return .failure(CacheDamage("`\(next.id)` lies over itself, or has no name"))
            }
            guard next.paths == head.paths else { return .failure(CacheDamage("`\(next.id)` has other paths")) }
            guard readable.contains(next.standing) else {
                return .failure(CacheDamage("`\(next.id)` below it was written by a ref of less trust"))
            }
            let directory = CacheStore.directory(next.id, below: root)
            let count = next.hasLayers ? next.paths.count : 0
            for index in 0..<count where !FileSystem.isDirectory(directory.appending(String(index))) {
                return .failure(CacheDamage("layer \(index) of `\(next.id)` is missing"))
            }
            entries.append(next)
            guard let parent = next.parent else { return .success(CacheChain(entries: entries, root: root)) }
            guard CacheEntry.isName(parent) else { return .failure(CacheDamage("`\(next.id)` lies over no entry")) }
            let record = CacheStore.directory(parent, below: root).appending("meta.json")
            guard let below = try JSON.recall(CacheEntry.self, at: record), below.id == parent else {
                return .failure(CacheDamage("the record of `\(parent)` below it is missing or cut off"))
            }
            next = below
        }
    }
}

/// What is wrong with an entry, in words.
package struct CacheDamage: Error, Sendable, Hashable {
    package let words: String

    init(_ words: String) { self.words = words }
}
