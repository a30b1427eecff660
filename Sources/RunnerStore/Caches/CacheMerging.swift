package import FoundationEssentials
import RunnerCore
import SystemPackage

/// Makes fewer layers of many, after the stages that made them have ended. What is in a layer never changes, so that the
/// files of a merged one are links to those of the layers that it stands for: no byte is copied.
package struct CacheMerging: Sendable {
    /// What a reader hardly notices: see docs/performance.md.
    package static let maximumDepth = 8
    /// An entry that no key leads to may be about to be pointed to, or be made just now, for so long.
    private static let patience: TimeInterval = 3600

    private let root: FilePath
    private let work: FilePath

    package init(_ state: StateDirectory) {
        root = CacheStore.root(in: state)
        work = state.work
    }

    /// How many of the newest layers should be one. `names` are the numbers of names in each, the newest first. A layer
    /// that is at least half as large as the one below it is merged into it, so that each is more than twice as large as
    /// the one above: the depth is logarithmic, and each name is linked again only when as many new ones have come.
    package static func layersToMerge(_ names: [Int], maximum: Int = maximumDepth) -> Int {
        var count = 0
        for index in names.indices.dropFirst() where names[index - 1] * 2 >= names[index] { count = index + 1 }
        count = max(count, names.count <= maximum ? 0 : names.count - maximum + 1)
        while count > 0, count < names.count, names[..<count].reduce(0, +) * 2 >= names[count] { count += 1 }
        return count < 2 ? 0 : count
    }

    /// Looks at every key that was saved over something since the last time, and takes away what no key leads to any more.
    /// Returns what was merged, in words, and what could not be. Does nothing while another process does the same.
    package func run(now: Date = .now) throws -> [String] {
        let deep = root.appending("deep")
        let names = FileSystem.names(in: deep).filter { !$0.hasPrefix(".") }
        guard !names.isEmpty, let lock = try FileLock(root.appending("merging"), wait: false) else { return [] }
        defer { withExtendedLifetime(lock) {} }
        var notes: [String] = []
        for name in names {
            // Before looking: what is saved from now on marks it again.
            try TreeRemoval.remove(deep.appending(name))
            do {
                if let note = try merge(name) { notes.append(note) }
            } catch {
                notes.append("layers of a cache are not merged: \(error)")
            }
        }
        return notes + (try sweep(now))
    }

    private func merge(_ name: String) throws -> String? {
        let key = root.appending("keys").appending(name)
        guard let head = try JSON.recall(CacheEntry.self, at: key), CacheEntry.isName(head.id) else { return nil }
        guard case .success(let chain) = try CacheChain.read(head, below: root, readable: RefTrust.allCases),
            let times = try CacheStore.times(of: head, below: root)
        else { return nil }
        let holds = chain.entries.compactMap { CacheHold.share(chain.directory($0)) }
        defer { withExtendedLifetime(holds) {} }
        guard holds.count == chain.entries.count else { return nil }
        let layered = chain.layered
        let count = try Self.layersToMerge(layered.map { try size(of: $0, in: chain) })
        guard count > 0 else { return nil }
        let merged = try publish(head, chain, layered, count, times)
        guard merged else { return nil }
        return "merged \(count) of \(layered.count) layers of cache `\(head.key)`"
    }

    /// False where the key has moved on: then what was merged goes again.
    private func publish(
        _ head: CacheEntry,
        _ chain: CacheChain,
        _ layered: [CacheEntry],
        _ count: Int,
        _ times: FileTimes
    ) throws -> Bool {
        let isWhole = count == layered.count
        let scratch = root.appending("entries").appending(".\(UniqueName.make())")
        defer {
            // What is left there is swept away later.
            try? TreeRemoval.remove(scratch)
        }
        try FileSystem.makeDirectories(scratch)
        for index in head.paths.indices {
            let layers = layered.prefix(count).map { chain.layer($0, index) }
            var merge = LayerMerge(into: scratch.appending(String(index)), isBase: isWhole)
            try merge.run(layers)
        }
        var entry = head
        entry.id = UniqueName.make()
        entry.parent = isWhole ? nil : layered[count].id
        entry.isBare = nil
        entry.mergedFrom = head.id
        let store = CacheStore(root, repository: head.repository)
        try store.place(entry, layers: head.paths.indices.map { scratch.appending(String($0)) }, times: times)
        if try store.publish(entry, markDeep: false, over: head.id) { return true }
        try TreeRemoval.remove(CacheStore.directory(entry.id, below: root))
        return false
    }

    /// The number of names in an entry's layers: counted once and noted beside them.
    private func size(of entry: CacheEntry, in chain: CacheChain) throws -> Int {
        let note = chain.directory(entry).appending("names")
        if let known = try JSON.recall(Int.self, at: note) { return known }
        var count = 0
        for index in entry.paths.indices {
            try DirectoryWalk.visit(chain.layer(entry, index)) { _ in
                count += 1
                return true
            }
        }
        try JSON.write(count, to: note)
        return count
    }

    // MARK: - What is left over

    /// Takes away entries that no key leads to, and what a kill left of making one.
    private func sweep(_ now: Date) throws -> [String] {
        let entries = root.appending("entries")
        let old = now - Self.patience
        let reach = CacheReach(root)
        var needed = try reach.all()
        for name in FileSystem.names(in: work) {
            for id in EvictionInventory.keptCaches(of: work.appending(name)) { try reach.reach(id, &needed) }
        }
        var count = 0
        for name in FileSystem.names(in: entries) where !needed.contains(name) {
            let directory = entries.appending(name)
            let record = directory.appending("meta.json")
            guard EvictionInventory.time(FileSystem.exists(record) ? record : directory) < old else { continue }
            if try CacheReach.takeAway(directory) { count += 1 }
        }
        return count == 0 ? [] : ["took away \(count) cache entries that no key leads to"]
    }
}
