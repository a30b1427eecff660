import FoundationEssentials
package import Git
package import RunnerCore
package import SystemPackage

/// Directories that stages would like to find again, as stacks of layers: what an entry changed lies over what it was
/// restored from, so that saving costs what changed.
///
///     entries/ID/meta.json   key, paths, tree, parent (CacheEntry); its time says when it was used
///     entries/ID/0, 1 …      one layer per path
///     keys/DIGEST            the newest entry of a key (CacheEntry.ID)
package struct CacheStore: Sendable {
    /// Deeper stacks are flattened on saving: each layer costs every reader a look-up.
    package static let maximumDepth = 8

    private let root: FilePath
    private let repository: String

    package init(_ root: FilePath, repository: String) {
        self.root = root
        self.repository = repository
    }

    /// What was found for a key.
    package struct Hit: Sendable {
        package let entry: CacheEntry
        /// False where a fallback prefix matched.
        package let isExact: Bool
        /// For each path of the cache its layers, the newest first.
        package let layers: [[FilePath]]
    }

    /// The newest entry of the key, else the newest entry for each fallback prefix in turn.
    package func find(_ spec: CacheSpec) throws -> Hit? {
        if let hit = try hit(entryID: identifier(spec.key, spec.paths), isExact: true) { return hit }
        if spec.fallback.isEmpty { return nil }
        let entries = try newestFirst(paths: spec.paths)
        for prefix in spec.fallback {
            for entry in entries where entry.key.hasPrefix(prefix) {
                if let hit = try stack(entry, isExact: false) { return hit }
            }
        }
        return nil
    }

    /// Publishes new contents of a key. Each of `contents` is a directory that is taken over by rename: the changes over
    /// `base`, or everything where `base` is `nil`.
    package func save(
        _ spec: CacheSpec,
        contents: [FilePath],
        base: Hit?,
        tree: ObjectID,
        run: RunNumber
    ) throws {
        let entry = CacheEntry(
            id: UniqueName.make(),
            repository: repository,
            key: spec.key,
            paths: spec.paths,
            tree: tree,
            run: run,
            savedAt: .now,
            parent: base?.entry.id
        )
        let aside = root.appending("entries").appending(".\(entry.id)")
        try FileSystem.makeDirectories(aside)
        do {
            for (index, content) in contents.enumerated() {
                try FileSystem.rename(content, to: aside.appending(String(index)))
            }
            try JSON.write(entry, to: aside.appending("meta.json"))
            // Once it has its name an entry is trusted: after a power cut, too, it must be whole.
            try FileSystem.sync(aside)
            try FileSystem.rename(aside, to: directory(entry.id))
        } catch {
            try TreeRemoval.remove(aside)
            throw error
        }
        let keys = root.appending("keys")
        try FileSystem.makeDirectories(keys)
        try JSON.write(entry, to: keys.appending(identifier(spec.key, spec.paths)), durable: true)
    }

    private func hit(entryID key: String, isExact: Bool) throws -> Hit? {
        guard let entry = try JSON.recall(CacheEntry.self, at: root.appending("keys").appending(key)) else {
            return nil
        }
        return try stack(entry, isExact: isExact)
    }

    /// The layers of an entry and of those below it; `nil` where one is gone, so that the work is done again.
    private func stack(_ entry: CacheEntry, isExact: Bool) throws -> Hit? {
        var layers = [[FilePath]](repeating: [], count: entry.paths.count)
        var next: CacheEntry? = entry
        var used: [String] = []
        while let current = next {
            used.append(current.id)
            for index in entry.paths.indices {
                let layer = directory(current.id).appending(String(index))
                guard FileSystem.isDirectory(layer) else { return nil }
                layers[index].append(layer)
            }
            guard let parent = current.parent else { break }
            next = try JSON.recall(CacheEntry.self, at: directory(parent).appending("meta.json"))
            if next == nil { return nil }
        }
        for id in used { FileSystem.touch(directory(id).appending("meta.json")) }
        return Hit(entry: entry, isExact: isExact, layers: layers)
    }

    private func newestFirst(paths: [String]) throws -> [CacheEntry] {
        let keys = root.appending("keys")
        var entries: [CacheEntry] = []
        for name in FileSystem.names(in: keys) where !name.hasPrefix(".") {
            guard let entry = try JSON.recall(CacheEntry.self, at: keys.appending(name)) else { continue }
            if entry.repository == repository, entry.paths == paths { entries.append(entry) }
        }
        return entries.sorted { $0.savedAt > $1.savedAt }
    }

    private func directory(_ id: String) -> FilePath { root.appending("entries").appending(id) }

    /// Keys never become paths: a key's file is named by a digest of everything that tells caches apart.
    private func identifier(_ key: String, _ paths: [String]) -> String {
        Digest.sha256(([repository, key] + paths).joined(separator: "\u{0}")).description
    }
}

extension CacheStore {
    /// Where the entries of a state directory lie.
    static func entries(in state: StateDirectory) -> FilePath { root(in: state).appending("entries") }

    /// Makes every key forget an entry, before it goes.
    static func forget(_ id: String, in state: StateDirectory) throws {
        let keys = root(in: state).appending("keys")
        for name in FileSystem.names(in: keys) where !name.hasPrefix(".") {
            let path = keys.appending(name)
            guard let entry = try JSON.recall(CacheEntry.self, at: path), entry.id == id else { continue }
            try TreeRemoval.remove(path)
        }
    }

    private static func root(in state: StateDirectory) -> FilePath { state.layers.appending("caches") }
}
