import FoundationEssentials
import Git
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage

/// What was found for the caches of a stage, and the times that the files of its workspace get for that.
struct FoundCaches: Sendable {
    var restored: [CacheMounts.Restored] = []
    var times = FileTimes()
    var records: [CacheRecord] = []
}

/// Caches that a stage finds, and what they need of its workspace.
extension StageExecutor {
    /// What is there for the stage's caches, held from here on, and the times of files that differ from others'.
    func findCaches(_ stage: StageSpec, _ directory: StageDirectory) async throws -> FoundCaches {
        var found = FoundCaches()
        guard !stage.caches.isEmpty else { return found }
        let trust = spec.trust ?? .ordinary
        let store = CacheStore(state.layers.appending("caches"), repository: spec.cacheScope, trust: trust)
        var deltas: [ObjectID: TreeDelta] = [:]
        for cache in stage.caches {
            let search = try await search(cache, in: store, stage.stage)
            var record = CacheRecord(cache, trust: trust, search: search)
            var hit = search.hit
            if let entry = hit?.entry {
                if deltas[entry.tree] == nil { deltas[entry.tree] = try await delta(from: entry.tree) }
                if let delta = deltas[entry.tree], let taken = hit {
                    want(taken, delta, &found.times, &record)
                } else {
                    record.leaveOut(because: "git has lost the files it was made from")
                    self.record(
                        stage.stage,
                        .note("cache left out: \(entry.key): git has lost the files it was made from")
                    )
                    hit = nil
                }
            }
            self.record(stage.stage, .note(record.words(search)))
            found.records.append(record)
            found.restored.append(CacheMounts.Restored(spec: cache, hit: hit))
        }
        do {
            try JSON.write(found.records, to: directory.caches)
        } catch {
            record(stage.stage, .note("cannot write \(directory.caches): \(error)"))
        }
        return found
    }

    /// What this machine has, or the shared store: first for the key itself, then for what it may fall back on.
    private func search(_ cache: CacheSpec, in store: CacheStore, _ stage: StageID) async throws -> CacheSearch {
        var search = try store.search(cache)
        guard let sharing else { return search }
        if search.hit?.isExact != true, await sharing.fetch(.exact, of: cache, for: spec, stage) {
            search = try store.search(cache)
        }
        if search.hit == nil, await sharing.fetch(.fallback, of: cache, for: spec, stage) {
            search = try store.search(cache)
        }
        return search
    }

    /// Other machines get what the stage saved, each cache by its own.
    func shareCaches(_ stage: StageID, _ directory: StageDirectory) {
        guard let sharing else { return }
        do {
            let records = try JSON.read([CacheRecord].self, at: directory.caches) ?? []
            let store = CacheStore(state.layers.appending("caches"), repository: spec.cacheScope, trust: trust)
            for entry in try records.compactMap(\.saved).compactMap({ try store.entry(named: $0) }) {
                try sharing.publish(entry)
            }
        } catch {
            record(stage, .note("other machines do not get its caches: \(Failure.words(error, state: state))"))
        }
    }

    /// The rule of times. A file that differs between the tree that a cache was saved from and this one gets a time later
    /// than all that the cache can hold, whatever the clock says; one that is the same, the time that it had then. Of
    /// several caches the latest wish counts. Directories count by the names in them, as elsewhere: what was made of a list
    /// of files is made anew when one came or went.
    private func want(
        _ hit: CacheStore.Hit,
        _ delta: TreeDelta,
        _ times: inout FileTimes,
        _ record: inout CacheRecord
    ) {
        let newest = hit.times.stamps.values.map(\.time).max() ?? 0
        let fresh = max(Self.now(), Int64(hit.entry.savedAt.timeIntervalSince1970 * 1e9) + 1000, newest + 1000)
        var gone = Set(delta.deleted.map(\.bytes))
        for entry in delta.changed {
            gone.insert(entry.path.bytes)
            times.want(entry.path.bytes, FileTimes.Stamp(content: entry.id, time: fresh))
        }
        record.freshFiles = delta.changed.count
        var renamed: Set<[UInt8]> = []
        for directory in delta.directories {
            let path = directory.path.isRoot ? FileTimes.root : directory.path.bytes
            renamed.insert(path)
            times.want(path, FileTimes.Stamp(content: directory.id, time: fresh))
        }
        for (path, stamp) in hit.times.stamps where !renamed.contains(path) && !Self.isWithin(path, gone) {
            times.want(path, stamp)
            record.rememberedFiles += 1
        }
    }

    /// Whether a path, or a directory that it is in, is one of some paths.
    private static func isWithin(_ path: [UInt8], _ paths: Set<[UInt8]>) -> Bool {
        if paths.isEmpty { return false }
        if paths.contains(path) { return true }
        return path.indices.contains { path[$0] == UInt8(ascii: "/") && paths.contains(Array(path[..<$0])) }
    }

    /// As the kernel would stamp a file: the exact time would be later than that of what is written just after.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// What differs between a tree that a cache was saved from and this one. `nil` where objects of the old tree are gone,
    /// as after a `git gc` of the repository that they are borrowed from.
    private func delta(from tree: ObjectID) async throws -> TreeDelta? {
        let repository = try StoreRepository(at: spec.objects).repository
        do {
            return try await repository.diff(from: tree, to: spec.plan.event.tree)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}

extension CacheRecord {
    /// One line for a person.
    fileprivate func words(_ search: CacheSearch) -> String {
        switch finding {
        case .exact: "cache hit: \(key) (from \(search.hit?.entry.origin ?? "?"))"
        case .fallback:
            "cache hit by fallback: \(search.hit?.entry.key ?? "?") for \(key) (from \(search.hit?.entry.origin ?? "?"))"
        case .miss: "cache miss: \(key) (\(reason(search)))"
        }
    }

    private func reason(_ search: CacheSearch) -> String {
        if let damaged = candidates.first(where: { $0.verdict == .damaged }) {
            return "\(damaged.key) of run \(damaged.run) is left out: \(damaged.note ?? "damaged")"
        }
        guard let nearest = search.nearest(to: key) else { return "nothing is saved yet" }
        let what = "nearest: \(nearest.key) of run \(nearest.run)"
        return switch nearest.verdict {
        case .otherPaths: "\(what), which has other paths"
        case .otherTrust: "\(what), which a ref of less trust saved"
        case .otherIsolation: "\(what), which was saved under another isolation"
        case .exact, .fallback, .later, .otherKey, .damaged: "\(what), no fallback names it"
        }
    }
}
