import Git
import RunnerCore
import RunnerStore
import SystemPackage

/// Caches that a stage finds, and what they need of its workspace.
extension StageExecutor {
    /// What is there for the stage's caches, and the files that need a fresh time over them.
    func findCaches(_ stage: StageSpec) async throws -> ([CacheMounts.Restored], fresh: [[UInt8]]) {
        let store = CacheStore(state.layers.appending("caches"), repository: spec.cacheScope)
        var restored: [CacheMounts.Restored] = []
        var fresh: [ObjectID: [[UInt8]]] = [:]
        for cache in stage.caches {
            var hit = try store.find(cache)
            if let entry = hit?.entry, fresh[entry.tree] == nil {
                if let files = try await freshFiles(over: entry.tree) {
                    fresh[entry.tree] = files
                } else {
                    record(stage.stage, .note("cache left out: \(entry.key): git has lost the files it was made from"))
                    hit = nil
                }
            }
            record(stage.stage, .note(Self.words(cache, hit)))
            restored.append(CacheMounts.Restored(spec: cache, hit: hit))
        }
        return (restored, fresh.values.flatMap { $0 })
    }

    private static func words(_ cache: CacheSpec, _ hit: CacheStore.Hit?) -> String {
        guard let hit else { return "cache miss: \(cache.key)" }
        return hit.isExact
            ? "cache hit: \(cache.key) (from run \(hit.entry.run))"
            : "cache hit by fallback: \(hit.entry.key) for \(cache.key) (from run \(hit.entry.run))"
    }

    /// Files that differ between the tree that a cache was saved from and this one: they need a time later than what
    /// was built from the old ones, all others must keep theirs. `nil` where objects of the old tree are gone, as after
    /// a `git gc` of the repository that they are borrowed from.
    private func freshFiles(over tree: ObjectID) async throws -> [[UInt8]]? {
        if tree == spec.plan.event.tree { return [] }
        let repository = try StoreRepository(at: spec.objects).repository
        do {
            return try await repository.diff(from: tree, to: spec.plan.event.tree).changed.map(\.path.bytes)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
