import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// Caches that machines share: taken before a stage begins, sent after it has ended.
extension Sharing {
    /// What is asked of the store for a cache.
    enum CacheWish: Sendable { case exact, fallback }

    /// A key that was listed may be gone, or damaged: then the next is tried, and no more after these.
    private static let candidates = 3

    /// Takes in what does for a cache. True where there is something now that was not there before.
    func fetch(_ wish: CacheWish, of spec: CacheSpec, for run: RunSpec, _ stage: StageID) async -> Bool {
        let readable = (run.trust ?? .ordinary).readable
        for key in await keys(wish, of: spec, for: run, readable) {
            guard let cache = await store.cache(key, for: spec, of: run.cacheScope, readable: readable) else {
                continue
            }
            do {
                if try await takeIn(cache, for: run) { return true }
            } catch {
                let words = "cannot take a cache from the shared store: \(Failure.words(error, state: state))"
                journal.record(RunRecord(stage: stage, .note(words)))
            }
        }
        return false
    }

    private func keys(_ wish: CacheWish, of spec: CacheSpec, for run: RunSpec, _ readable: [RefTrust]) async -> [String]
    {
        switch wish {
        case .exact: return [spec.key]
        case .fallback:
            for prefix in spec.fallback {
                let keys = await store.cacheKeys(beginning: prefix, for: spec, of: run.cacheScope, readable: readable)
                if !keys.isEmpty { return Array(keys.prefix(Self.candidates)) }
            }
            return []
        }
    }

    /// Fetches the entries that are not here, the lowest first: each lies over one that is. False where one is not to be had.
    private func takeIn(_ cache: SharedCache, for run: RunSpec) async throws -> Bool {
        let caches = cacheStore(run.cacheScope, run.trust ?? .ordinary)
        let missing = cache.members.reversed().filter { !caches.has($0.entry) }
        for member in missing {
            guard try await takeIn(member, into: caches) else { return false }
        }
        guard let head = cache.members.first?.entry else { return true }
        // What lies over them is sent without them: packed anew they could come to other bytes.
        if let chain = try caches.chain(of: head) {
            for member in missing { try chain.remember(member.packs, of: member.entry) }
        }
        try caches.point(to: head)
        return true
    }

    private func takeIn(_ member: SharedCache.Member, into caches: CacheStore) async throws -> Bool {
        let aside = try caches.aside()
        let result: Result<Bool, any Error>
        do {
            result = .success(try await takeIn(member, into: caches, aside))
        } catch {
            result = .failure(error)
        }
        try TreeRemoval.remove(aside)
        return try result.get()
    }

    private func takeIn(_ member: SharedCache.Member, into caches: CacheStore, _ aside: FilePath) async throws -> Bool {
        var layers: [FilePath] = []
        for (index, blob) in member.packs.layers.enumerated() {
            let archive = aside.appending("\(index).tar")
            guard await store.fetch(blob.digest, bytes: blob.bytes, to: archive) else { return false }
            let layer = aside.appending("\(index)")
            try FileSystem.makeDirectories(layer)
            try await BlockingThread.run { Result { try LayerArchive.unpack(archive, into: layer) } }.get()
            unlink(archive.string)
            layers.append(layer)
        }
        var times = FileTimes()
        if let blob = member.packs.times {
            let file = aside.appending("times")
            guard await store.fetch(blob.digest, bytes: blob.bytes, to: file), let read = try FileTimes.read(file)
            else {
                return false
            }
            times = read
        }
        try caches.install(member.entry, layers: layers, times: times)
        return true
    }

    // MARK: - Sending

    /// Has a saved cache sent, beside whatever goes on.
    func publish(_ entry: CacheEntry) throws {
        guard !access.isReadOnly else { return }
        try Outbox(state).add(entry)
        wake.yield()
    }

    /// Sends every cache that is waiting. What cannot be sent stays.
    func sendCaches() async {
        guard !access.isReadOnly else { return }
        let outbox = Outbox(state)
        for name in outbox.cacheNames {
            if await store.isLeftOut || Task.isCancelled { return }
            do {
                guard let entry = try outbox.cache(name) else { continue }
                if try await send(entry) { outbox.remove(name) }
            } catch {
                let words = "cannot send a cache to the shared store: \(Failure.words(error, state: state))"
                journal.record(RunRecord(stage: nil, .note(words)))
            }
        }
    }

    /// True where nothing is left to do about it: it is there, or gone from here.
    private func send(_ entry: CacheEntry) async throws -> Bool {
        let caches = cacheStore(entry.repository, entry.standing)
        guard let chain = try caches.chain(of: entry), let holds = chain.hold() else { return true }
        defer { withExtendedLifetime(holds) {} }
        var members: [SharedCache.Member] = []
        for var member in chain.entries {
            guard let packs = try await send(member, of: chain) else { return false }
            if member.machine == nil { member.machine = Self.machine }
            members.append(SharedCache.Member(entry: member, packs: packs))
        }
        return await store.write(SharedCache(members: members))
    }

    /// The parts of an entry, which are in the store then; `nil` where one could not be sent.
    private func send(_ entry: CacheEntry, of chain: CacheChain) async throws -> CachePacks? {
        let known = try chain.packs(of: entry)
        var packs = CachePacks()
        for index in 0..<(entry.hasLayers ? entry.paths.count : 0) {
            let layer = chain.layer(entry, index)
            let before = known.flatMap { $0.layers.indices.contains(index) ? $0.layers[index] : nil }
            guard let blob = try await send(before, { try LayerArchive.pack(layer, to: $0) }) else { return nil }
            packs.layers.append(blob)
        }
        if let times = chain.times(entry) {
            packs.times = try await send(known?.times) { try LayerArchive.packFile(times, to: $0) }
            if packs.times == nil { return nil }
        }
        if packs != known { try chain.remember(packs, of: entry) }
        return packs
    }

    /// Sends one part, which is made only where nobody knows what it comes to, or the store lacks it.
    private func send(
        _ known: Outbox.Entry.Blob?,
        _ pack: @escaping @Sendable (FilePath) throws -> Outbox.Entry.Blob
    ) async throws -> Outbox.Entry.Blob? {
        let file = try Outbox(state).aside()
        defer { unlink(file.string) }
        if let known {
            switch await store.put(known.digest, bytes: known.bytes, packed: { await Self.made(known, pack, file) }) {
            case .there: return known
            case .failed: return nil
            // Another tar may write the same layer in other bytes.
            case .gone: break
            }
        }
        let blob = try await BlockingThread.run { Result { try pack(file) } }.get()
        return await store.put(blob.digest, bytes: blob.bytes) { file } == .there ? blob : nil
    }

    private static func made(
        _ known: Outbox.Entry.Blob,
        _ pack: @escaping @Sendable (FilePath) throws -> Outbox.Entry.Blob,
        _ file: FilePath
    ) async -> FilePath? {
        // What went wrong is told when it is packed anew, just after.
        let blob = try? await BlockingThread.run { Result { try pack(file) } }.get()
        return blob == known ? file : nil
    }

    private func cacheStore(_ scope: String, _ trust: RefTrust) -> CacheStore {
        CacheStore(state.layers.appending("caches"), repository: scope, trust: trust)
    }
}
