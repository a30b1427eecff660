package import FoundationEssentials
import RunnerCore
import SystemPackage

/// The caches of a state directory, for people: what there is, and taking it away.
package struct CacheCatalog: Sendable {
    /// One entry with what lies around it.
    package struct Item: Sendable {
        package var entry: CacheEntry
        /// Whether a key leads to it: only then a stage finds it.
        package var isCurrent: Bool
        /// Of all its layers, those that others share too.
        package var bytes: Int64
        package var layers: Int
        package var usedAt: Date
        /// Whether a stage shows it now.
        package var isInUse: Bool
        /// Why no stage would take it; `nil` where it is whole.
        package var damage: String?
    }

    /// What taking entries away did.
    package struct Removal: Sendable {
        /// Entries that no stage finds any more.
        package var removed: [CacheEntry] = []
        /// What stays, for a stage uses it.
        package var inUse: [CacheEntry] = []
        package var bytes: Int64 = 0
    }

    private let root: FilePath

    package init(_ state: StateDirectory) { root = CacheStore.root(in: state) }

    /// The entries that keys lead to, the one saved last first. `repository`: only of this one.
    package func current(of repository: String? = nil) throws -> [Item] {
        let keys = root.appending("keys")
        return try FileSystem.names(in: keys).filter { !$0.hasPrefix(".") }
            .compactMap { try JSON.recall(CacheEntry.self, at: keys.appending($0)) }
            .filter { CacheEntry.isName($0.id) && (repository == nil || Self.repository(of: $0) == repository) }
            .sorted { $0.savedAt > $1.savedAt }
            .map { try item($0, isCurrent: true) }
    }

    /// Those that a person names: by the name of an entry, whether a key leads to it or not, or by a key.
    package func named(_ name: String, of repository: String? = nil) throws -> [Item] {
        let all = try current(of: repository)
        let found = all.filter { $0.entry.id == name || $0.entry.key == name }
        guard found.isEmpty, CacheEntry.isName(name) else { return found }
        let record = CacheStore.directory(name, below: root).appending("meta.json")
        guard let entry = try JSON.recall(CacheEntry.self, at: record), entry.id == name,
            repository == nil || Self.repository(of: entry) == repository
        else { return [] }
        return [try item(entry, isCurrent: false)]
    }

    /// The repository of an entry, without the kind of isolation that is part of its scope.
    package static func repository(of entry: CacheEntry) -> String {
        isolation(of: entry) == .none ? String(entry.repository.dropLast(plain.count)) : entry.repository
    }

    /// How stages were kept apart that wrote an entry.
    package static func isolation(of entry: CacheEntry) -> Isolation {
        entry.repository.hasSuffix(plain) ? .none : .sandbox
    }

    /// See `RunSpec.cacheScope`.
    private static let plain = " \(Isolation.none.rawValue)"

    private func item(_ entry: CacheEntry, isCurrent: Bool) throws -> Item {
        let own = CacheStore.directory(entry.id, below: root)
        var item = Item(
            entry: entry,
            isCurrent: isCurrent,
            bytes: 0,
            layers: 0,
            usedAt: EvictionInventory.time(own.appending("meta.json")),
            isInUse: FileSystem.exists(own) && CacheHold.alone(own) == nil
        )
        switch try CacheChain.read(entry, below: root, readable: RefTrust.allCases) {
        case .success(let chain):
            item.layers = chain.layered.count
            item.bytes = chain.layered.reduce(0) { $0 + EvictionInventory.sizeOnce(of: chain.directory($1)) }
        case .failure(let damage): item.damage = damage.words
        }
        return item
    }

    // MARK: - Removing

    /// Makes keys forget entries, and takes away those and what only they lay over. What a stage shows stays, and its key.
    package func remove(_ items: [Item]) throws -> Removal {
        var removal = Removal()
        for item in items {
            let entry = item.entry
            let directory = CacheStore.directory(entry.id, below: root)
            let hold = CacheHold.alone(directory)
            if hold == nil, FileSystem.exists(directory) {
                removal.inUse.append(entry)
                continue
            }
            try forget(entry)
            removal.removed.append(entry)
            withExtendedLifetime(hold) {}
        }
        let needed = try CacheReach(root).all()
        for entry in removal.removed {
            var next: String? = entry.id
            while let id = next, CacheEntry.isName(id), !needed.contains(id) {
                next = try takeAway(id, &removal)
            }
        }
        return removal
    }

    private func forget(_ entry: CacheEntry) throws {
        guard let lock = try FileLock(root.appending("lock"), wait: true) else { return }
        let keys = root.appending("keys")
        for name in FileSystem.names(in: keys) where !name.hasPrefix(".") {
            guard try JSON.recall(CacheEntry.self, at: keys.appending(name))?.id == entry.id else { continue }
            try TreeRemoval.remove(keys.appending(name))
        }
        withExtendedLifetime(lock) {}
    }

    /// Returns what the entry lay over.
    private func takeAway(_ id: String, _ removal: inout Removal) throws -> String? {
        let directory = CacheStore.directory(id, below: root)
        let parent = try JSON.recall(CacheEntry.self, at: directory.appending("meta.json"))?.parent
        guard FileSystem.exists(directory) else { return parent }
        let bytes = EvictionInventory.sizeOnce(of: directory)
        if try CacheReach.takeAway(directory) { removal.bytes += bytes }
        return parent
    }
}
