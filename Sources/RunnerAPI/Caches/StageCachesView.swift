package import FoundationEssentials
package import RunnerCore

/// What became of the caches of one stage, as it was written down when it ran.
package struct StageCachesView: Sendable, Hashable, Codable {
    package var run: Int
    package var stage: String
    /// The run whose outcome was taken instead: then no cache was looked for.
    package var reusedFrom: Int?
    package var caches: [StageCacheView]

    package init(run: Int, stage: String, reusedFrom: Int?, caches: [StageCacheView]) {
        self.run = run
        self.stage = stage
        self.reusedFrom = reusedFrom
        self.caches = caches
    }
}

/// One cache in a stage.
package struct StageCacheView: Sendable, Hashable, Codable {
    package var key: String
    package var fallback: [String]
    package var paths: [String]
    package var trust: RefTrust
    /// `exact`, `fallback` or `miss`.
    package var finding: String
    package var candidates: [CacheCandidateView]
    /// How many more there were.
    package var otherCandidates: Int
    package var layers: Int
    package var freshFiles: Int
    package var rememberedFiles: Int
    package var saved: String?
    package var note: String?

    package init(
        key: String,
        fallback: [String],
        paths: [String],
        trust: RefTrust,
        finding: String,
        candidates: [CacheCandidateView],
        otherCandidates: Int,
        layers: Int,
        freshFiles: Int,
        rememberedFiles: Int,
        saved: String?,
        note: String?
    ) {
        self.key = key
        self.fallback = fallback
        self.paths = paths
        self.trust = trust
        self.finding = finding
        self.candidates = candidates
        self.otherCandidates = otherCandidates
        self.layers = layers
        self.freshFiles = freshFiles
        self.rememberedFiles = rememberedFiles
        self.saved = saved
        self.note = note
    }
}

/// One entry that was looked at for a stage.
package struct CacheCandidateView: Sendable, Hashable, Codable {
    package var id: String
    package var key: String
    package var run: Int
    package var ref: String?
    package var trust: RefTrust
    package var savedAt: Date
    /// `exact`, `fallback`: taken. `later`, `other-key`, `other-paths`, `other-trust`, `other-isolation`, `damaged`: not.
    package var verdict: String
    package var note: String?

    package init(
        id: String,
        key: String,
        run: Int,
        ref: String?,
        trust: RefTrust,
        savedAt: Date,
        verdict: String,
        note: String?
    ) {
        self.id = id
        self.key = key
        self.run = run
        self.ref = ref
        self.trust = trust
        self.savedAt = savedAt
        self.verdict = verdict
        self.note = note
    }
}
