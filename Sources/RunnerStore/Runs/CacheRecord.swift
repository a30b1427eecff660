package import RunnerCore
package import SystemPackage

/// What became of one cache in a stage: written down as it happens, in `caches.json` of the stage's directory.
package struct CacheRecord: Sendable, Hashable, Codable {
    package enum Finding: String, Sendable, Hashable, Codable {
        case exact, fallback, miss
    }

    package var key: String
    package var fallback: [String]
    package var paths: [String]
    /// What the run may take, and who may take what it saves.
    package var trust: RefTrust
    package var finding: Finding
    /// What was looked at: the one that was taken, if any, and the first of those passed over.
    package var candidates: [CacheCandidate]
    /// How many more there were.
    package var otherCandidates: Int
    /// Layers that were mounted, or copied, for each path.
    package var layers: Int
    /// Files that got a fresh time, because they are not what the cache was made from.
    package var freshFiles: Int
    /// Files that got the time again that they had when the cache was saved.
    package var rememberedFiles: Int
    /// The entry that was saved; `nil` where none was.
    package var saved: String?
    /// Why none was, or what is special about it.
    package var note: String?

    /// More would say nothing new to a person.
    package static let mostCandidates = 20

    package init(_ spec: CacheSpec, trust: RefTrust, search: CacheSearch) {
        key = spec.key
        fallback = spec.fallback
        paths = spec.paths
        self.trust = trust
        finding = search.hit.map { $0.isExact ? .exact : .fallback } ?? .miss
        candidates = Array(search.candidates.prefix(Self.mostCandidates))
        otherCandidates = search.candidates.count - candidates.count
        layers = search.hit?.layers.first?.count ?? 0
        freshFiles = 0
        rememberedFiles = 0
    }

    /// What was found is not used all the same.
    package mutating func leaveOut(because reason: String) {
        finding = .miss
        layers = 0
        note = reason
        if !candidates.isEmpty {
            candidates[0].verdict = .damaged
            candidates[0].note = reason
        }
    }
}

extension StageDirectory {
    /// What became of the stage's caches (a list of `CacheRecord`).
    package var caches: FilePath { path.appending("caches.json") }
}
