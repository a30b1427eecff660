import FoundationEssentials
package import Git
package import RunnerCore
package import SystemPackage

/// Directories that stages would like to find again, as stacks of layers: what an entry changed lies over what it was
/// restored from, so that saving costs what changed.
///
///     entries/ID/meta.json   key, paths, tree, parent (CacheEntry); its time says when it was used
///     entries/ID/times       which files had another time than all others, and for which content (FileTimes)
///     entries/ID/0, 1 …      one layer per path
///     keys/SCOPE-DIGEST      the newest entry of a key (CacheEntry)
///     deep/SCOPE-DIGEST      a key whose layers somebody should look at: see CacheMerging
///     lock                   held while a key is pointed elsewhere
package struct CacheStore: Sendable {
    /// More cannot be mounted with certainty. CacheMerging sees to it that there are far fewer.
    package static let mountableDepth = 100

    let root: FilePath
    private let repository: String
    private let trust: RefTrust

    /// `trust` is that of the ref that is run: what it saves is its, what it finds is of its kind or above.
    package init(_ root: FilePath, repository: String, trust: RefTrust = .ordinary) {
        self.root = root
        self.repository = repository
        self.trust = trust
    }

    /// What was found for a key. Its layers stay as long as this does.
    package struct Hit: Sendable {
        package let entry: CacheEntry
        /// False where a fallback prefix matched.
        package let isExact: Bool
        /// For each path of the cache its layers, the newest first.
        package let layers: [[FilePath]]
        /// What files had another time than all others when the entry was saved.
        package let times: FileTimes
        /// The nearest entry that has layers: the parent of what is saved over this.
        let base: String
        private let holds: [CacheHold]

        fileprivate init(_ chain: CacheChain, _ times: FileTimes, isExact: Bool, holds: [CacheHold]) {
            self.times = times
            entry = chain.head
            self.isExact = isExact
            layers = entry.paths.indices.map { index in chain.layered.map { chain.layer($0, index) } }
            base = chain.layered.first?.id ?? entry.id
            self.holds = holds
        }
    }

    /// The newest entry of the key, else the newest entry for each fallback prefix in turn.
    package func find(_ spec: CacheSpec) throws -> Hit? { try search(spec).hit }

    /// As `find`, with what was looked at.
    package func search(_ spec: CacheSpec) throws -> CacheSearch {
        var search = CacheSearch()
        let exact = try trust.readable.flatMap { try pointed(to: names(spec.key, spec.paths, $0)) }
            .filter { $0.key == spec.key && $0.paths == spec.paths && isOurs($0) }
        for entry in Self.newestFirst(exact) { try take(entry, .exact, note: nil, &search) }
        if search.hit != nil { return search }
        let others = try Self.newestFirst(pointed(to: keyNames(of: repository)))
        let fitting = others.filter { $0.paths == spec.paths && isOurs($0) && $0.key != spec.key }
        for prefix in spec.fallback {
            for entry in fitting where entry.key.utf8.starts(with: prefix.utf8) {
                try take(entry, .fallback, note: "`\(prefix)`", &search)
            }
        }
        for entry in others { search.passOver(entry, reason(entry, spec)) }
        if search.hit == nil {
            for entry in try pointed(to: keyNames(of: otherScope)) where entry.key == spec.key {
                search.passOver(entry, .otherIsolation)
            }
        }
        return search
    }

    private func isOurs(_ entry: CacheEntry) -> Bool {
        entry.repository == repository && trust.readable.contains(entry.standing)
    }

    private func reason(_ entry: CacheEntry, _ spec: CacheSpec) -> CacheCandidate.Verdict {
        if !trust.readable.contains(entry.standing) { return .otherTrust }
        return entry.paths == spec.paths ? .otherKey : .otherPaths
    }

    /// Takes an entry, unless there is one already or it is damaged.
    private func take(
        _ entry: CacheEntry,
        _ verdict: CacheCandidate.Verdict,
        note: String?,
        _ search: inout CacheSearch
    ) throws {
        if search.knows(entry) { return }
        if search.hit != nil { return search.passOver(entry, .later, note: note) }
        switch try hold(entry, isExact: verdict == .exact) {
        case .success(let hit):
            search.hit = hit
            search.candidates.insert(CacheCandidate(entry, verdict, note: note), at: 0)
        case .failure(let damage): search.passOver(entry, .damaged, note: damage.words)
        }
    }

    /// An entry with all that it lies over, held; or what is wrong with it, so that the work is done again.
    private func hold(_ entry: CacheEntry, isExact: Bool) throws -> Result<Hit, CacheDamage> {
        let chain: CacheChain
        switch try CacheChain.read(entry, below: root, readable: trust.readable) {
        case .success(let read): chain = read
        case .failure(let damage): return .failure(damage)
        }
        guard chain.layered.count <= Self.mountableDepth else {
            return .failure(CacheDamage("it has \(chain.layered.count) layers, more than can be mounted"))
        }
        var holds: [CacheHold] = []
        for member in chain.entries {
            guard let hold = CacheHold.share(chain.directory(member)) else {
                return .failure(CacheDamage("`\(member.id)` is being taken away"))
            }
            holds.append(hold)
        }
        // Without them a file that was changed once could look older than what was built before that.
        guard let times = try Self.times(of: entry, below: root) else {
            return .failure(CacheDamage("the times of its files are missing or cut off"))
        }
        for member in chain.entries { FileSystem.touch(chain.directory(member).appending("meta.json")) }
        return .success(Hit(chain, times, isExact: isExact, holds: holds))
    }
}

// MARK: - Saving

extension CacheStore {
    /// Publishes new contents of a key. Each of `contents` is a directory that is taken over by rename: the changes over
    /// `base`, or everything where `base` is `nil`. No contents at all say that `base` is what it was, on another tree.
    @discardableResult
    package func save(
        _ spec: CacheSpec,
        contents: [FilePath]?,
        base: Hit?,
        tree: ObjectID,
        run: RunNumber,
        ref: String? = nil,
        times: FileTimes = FileTimes()
    ) throws -> CacheEntry {
        var entry = CacheEntry(
            id: UniqueName.make(),
            repository: repository,
            key: spec.key,
            paths: spec.paths,
            tree: tree,
            run: run,
            savedAt: max(.now, base?.entry.savedAt ?? .distantPast),
            parent: base?.base,
            trust: trust,
            ref: ref
        )
        if contents == nil { entry.isBare = true }
        if !times.isEmpty { entry.timed = times.stamps.count }
        try place(entry, layers: contents ?? [], times: times)
        try publish(entry, markDeep: base != nil)
        return entry
    }

    /// Takes in an entry from elsewhere under its own name, its layers by rename; one that is there already stays. What it
    /// lies over must be there. Its key points to it from then on, unless to one that was saved later.
    package func install(_ entry: CacheEntry, layers: [FilePath], times: FileTimes = FileTimes()) throws {
        guard CacheEntry.isName(entry.id), entry.parent.map(CacheEntry.isName) ?? true, !entry.paths.isEmpty,
            layers.count == (entry.hasLayers ? entry.paths.count : 0), times.stamps.count == entry.timed ?? 0
        else {
            throw RunnerError(.errored, "cannot take in a cache", why: "its record does not fit its layers")
        }
        do {
            if !has(entry) { try place(entry, layers: layers, times: times) }
        } catch {
            // Two stages may take in the same one.
            guard has(entry) else { throw error }
        }
        try publish(entry, markDeep: false)
    }

    /// Whether an entry is here, under a key or below another.
    package func has(_ entry: CacheEntry) -> Bool { FileSystem.exists(Self.directory(entry.id, below: root)) }

    /// Points the key of an entry that is here to it, unless to one that was saved later.
    package func point(to entry: CacheEntry) throws { try publish(entry, markDeep: false) }

    /// The entry of a name, from its own record; `nil` where there is none, or none that can be read.
    package func entry(named id: String) throws -> CacheEntry? {
        guard CacheEntry.isName(id) else { return nil }
        return try JSON.recall(CacheEntry.self, at: Self.directory(id, below: root).appending("meta.json"))
    }

    /// A directory of nobody's yet, on the file system of the entries.
    package func aside() throws -> FilePath {
        let path = root.appending("entries").appending(".\(UniqueName.make())")
        try FileSystem.makeDirectories(path)
        return path
    }

    /// An entry with all that it lies over, for whoever hands it on; `nil` where a part of it is missing.
    package func chain(of entry: CacheEntry) throws -> CacheChain? {
        try? CacheChain.read(entry, below: root, readable: RefTrust.allCases).get()
    }

    /// Puts an entry in its place by one rename. Nothing points to it yet.
    func place(_ entry: CacheEntry, layers: [FilePath], times: FileTimes) throws {
        let aside = try self.aside()
        do {
            for (index, content) in layers.enumerated() {
                try FileSystem.rename(content, to: aside.appending(String(index)))
            }
            if !times.isEmpty { try FileSystem.write(times.encoded, to: aside.appending("times")) }
            try JSON.write(entry, to: aside.appending("meta.json"))
            // Once it has its name an entry is trusted: after a power cut, too, it must be whole.
            try FileSystem.sync(aside)
            try FileSystem.rename(aside, to: Self.directory(entry.id, below: root))
        } catch {
            try TreeRemoval.remove(aside)
            throw error
        }
    }

    /// Points the entry's key to it. `expected`: only if it points to that one now. Of several writers the one that saved
    /// last wins; a time that has not come yet, from before the clock was set back, is no reason. False where another stays.
    @discardableResult
    func publish(_ entry: CacheEntry, markDeep: Bool, over expected: String? = nil) throws -> Bool {
        let name = Self.name(entry.repository, entry.key, entry.paths, entry.standing)
        let keys = root.appending("keys")
        try FileSystem.makeDirectories(keys)
        guard let lock = try FileLock(root.appending("lock"), wait: true) else { return false }
        defer { withExtendedLifetime(lock) {} }
        let current = try JSON.recall(CacheEntry.self, at: keys.appending(name))
        if let expected, current?.id != expected { return false }
        // Times lose some of their last bits on disk.
        if let current, current.savedAt > entry.savedAt + 0.001, current.savedAt <= .now { return false }
        // What is replaced is nobody's now, and somebody should take it away.
        if markDeep || current != nil {
            try FileSystem.makeDirectories(root.appending("deep"))
            try FileSystem.write([UInt8](), to: root.appending("deep").appending(name))
        }
        try JSON.write(entry, to: keys.appending(name), durable: true)
        return true
    }
}

// MARK: - Names

extension CacheStore {
    /// The times that an entry remembers; `nil` where they cannot be read.
    static func times(of entry: CacheEntry, below root: FilePath) throws -> FileTimes? {
        guard let count = entry.timed else { return FileTimes() }
        guard let data = try FileSystem.read(directory(entry.id, below: root).appending("times")),
            let times = FileTimes(encoded: data), times.stamps.count == count
        else { return nil }
        return times
    }

    static func directory(_ id: String, below root: FilePath) -> FilePath { root.appending("entries").appending(id) }

    /// The file of a key: of whose it is, and of everything that tells caches apart. Keys never become paths.
    static func name(_ repository: String, _ key: String, _ paths: [String], _ trust: RefTrust) -> String {
        let plain = "\(scope(repository))-\(identity(repository, key, paths))"
        return trust == .ordinary ? plain : "\(plain)-\(trust.rawValue)"
    }

    private static func scope(_ repository: String) -> String {
        String(Digest.sha256(repository).description.prefix(16))
    }

    private static func identity(_ repository: String, _ key: String, _ paths: [String]) -> String {
        Digest.sha256(([repository, key] + paths).joined(separator: "\u{0}")).description
    }

    /// Older runners wrote `DIGEST` alone.
    private func names(_ key: String, _ paths: [String], _ trust: RefTrust) -> [String] {
        let name = Self.name(repository, key, paths, trust)
        return trust == .ordinary ? [name, Self.identity(repository, key, paths)] : [name]
    }

    private func keyNames(of scope: String) -> [String] {
        let prefix = Self.scope(scope) + "-"
        return FileSystem.names(in: root.appending("keys")).filter { $0.hasPrefix(prefix) || $0.utf8.count == 64 }
    }

    /// The same repository's under the other kind of isolation: see `RunSpec.cacheScope`.
    private var otherScope: String {
        let suffix = " \(Isolation.none.rawValue)"
        return repository.hasSuffix(suffix) ? String(repository.dropLast(suffix.count)) : repository + suffix
    }

    private func pointed(to names: [String]) throws -> [CacheEntry] {
        try names.compactMap { try JSON.recall(CacheEntry.self, at: root.appending("keys").appending($0)) }
            .filter { CacheEntry.isName($0.id) }
    }

    private static func newestFirst(_ entries: [CacheEntry]) -> [CacheEntry] {
        entries.sorted { $0.savedAt > $1.savedAt }
    }
}

extension CacheStore {
    static func root(in state: StateDirectory) -> FilePath { state.layers.appending("caches") }

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
}

extension CacheSearch {
    fileprivate func knows(_ entry: CacheEntry) -> Bool { candidates.contains { $0.id == entry.id } }

    fileprivate mutating func passOver(_ entry: CacheEntry, _ verdict: CacheCandidate.Verdict, note: String? = nil) {
        if !knows(entry) { candidates.append(CacheCandidate(entry, verdict, note: note)) }
    }
}
