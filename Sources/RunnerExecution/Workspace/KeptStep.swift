import RunnerCore
import RunnerStore
import SystemPackage

/// What the failed step of a kept stage had beside its files, so that a shell can have the same. Holds no secret.
struct KeptStep: Sendable, Codable {
    /// Place in the stage's steps.
    var index: Int
    var environment: [String: String]
    /// Variables whose values hold a secret and which are therefore not here.
    var withheld: [String]
    /// The layers that the caches were restored from: by cache, then by path, the newest first.
    var cacheLayers: [[[FilePath]]]

    /// The same in memory, with secrets.
    struct Source: Sendable {
        let index: Int
        let variables: [String: String]
    }

    /// `secrets` are the names of those that the stage got: their values are given again by who gave them first.
    init(_ source: Source, secrets: [String], patterns: SecretPatterns, caches: [CacheMounts.Restored]) {
        index = source.index
        let others = source.variables.filter { !secrets.contains($0.key) }
        let open = others.filter { patterns.redacted($0.value) == $0.value }
        environment = open
        withheld = others.keys.filter { open[$0] == nil }.sorted()
        cacheLayers = caches.map { cache in cache.spec.paths.indices.map { cache.hit?.layers[$0] ?? [] } }
    }
}
