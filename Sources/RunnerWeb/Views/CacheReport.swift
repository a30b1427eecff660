import Git
package import RunnerAPI
package import RunnerCore
package import RunnerStore

/// Caches of a state directory as the API has them. Commands use it, too, where there is no daemon to ask.
package struct CacheReport {
    private let catalog: CacheCatalog

    package init(_ state: StateDirectory) { catalog = CacheCatalog(state) }

    /// All that keys lead to, or those of one name or key.
    package func views(_ cache: String?, repository: String?) throws -> [CacheView] {
        try items(cache, repository).map(CacheView.init)
    }

    /// Throws where a name fits nothing, or several without `all`.
    package func remove(_ body: CacheRemovalBody) throws -> CacheRemovalView {
        let isAll = body.all ?? false
        guard let cache = body.cache ?? (isAll ? "" : nil) else {
            throw RunnerError(.input, "cannot remove caches", why: "neither a cache is named nor all are meant")
        }
        let found = try items(body.cache, body.repository)
        if body.cache != nil {
            guard !found.isEmpty else { throw Self.unknown(cache) }
            guard found.count == 1 || isAll else {
                let names = found.map { "`\($0.entry.id)` of \(CacheCatalog.repository(of: $0.entry))" }
                throw RunnerError(
                    .input,
                    "cannot remove cache `\(cache)`",
                    why: "several have this key: \(names.joined(separator: ", "))",
                    hint: "name one of them, or say `--all`"
                )
            }
        }
        let removal = try catalog.remove(found)
        let inUse = Set(removal.inUse.map(\.id))
        return CacheRemovalView(
            removed: found.filter { !inUse.contains($0.entry.id) }.map(CacheView.init),
            inUse: found.filter { inUse.contains($0.entry.id) }.map(CacheView.init),
            bytes: removal.bytes
        )
    }

    package static func unknown(_ cache: String) -> RunnerError {
        RunnerError(
            .input,
            "there is no cache `\(cache)`",
            why: "no entry has this name, and no current one this key",
            hint: "`runner cache list` shows those there are"
        )
    }

    /// What a stage wrote down when it ran. Throws where it has written nothing.
    package static func explanation(
        of directory: StageDirectory,
        run: RunNumber,
        stage: StageID
    ) throws -> StageCachesView {
        let result = try JSON.read(StageResult.self, at: directory.result)
        let records = try JSON.read([CacheRecord].self, at: directory.caches)
        return StageCachesView(
            run: run.value,
            stage: stage.description,
            reusedFrom: records == nil ? result?.reusedFrom?.value : nil,
            caches: (records ?? []).map(StageCacheView.init)
        )
    }

    private func items(_ cache: String?, _ repository: String?) throws -> [CacheCatalog.Item] {
        try cache.map { try catalog.named($0, of: repository) } ?? catalog.current(of: repository)
    }
}

extension CacheView {
    fileprivate init(_ item: CacheCatalog.Item) {
        self.init(
            id: item.entry.id,
            key: item.entry.key,
            repository: CacheCatalog.repository(of: item.entry),
            isolation: CacheCatalog.isolation(of: item.entry).rawValue,
            paths: item.entry.paths,
            trust: item.entry.standing,
            run: item.entry.run.value,
            ref: item.entry.ref,
            tree: item.entry.tree.description,
            savedAt: item.entry.savedAt,
            usedAt: item.usedAt,
            bytes: item.bytes,
            layers: item.layers,
            parent: item.entry.parent,
            isInUse: item.isInUse,
            isCurrent: item.isCurrent,
            damage: item.damage
        )
    }
}

extension StageCacheView {
    fileprivate init(_ record: CacheRecord) {
        self.init(
            key: record.key,
            fallback: record.fallback,
            paths: record.paths,
            trust: record.trust,
            finding: record.finding.rawValue,
            candidates: record.candidates.map(CacheCandidateView.init),
            otherCandidates: record.otherCandidates,
            layers: record.layers,
            freshFiles: record.freshFiles,
            rememberedFiles: record.rememberedFiles,
            saved: record.saved,
            note: record.note
        )
    }
}

extension CacheCandidateView {
    fileprivate init(_ candidate: CacheCandidate) {
        self.init(
            id: candidate.id,
            key: candidate.key,
            run: candidate.run.value,
            ref: candidate.ref,
            trust: candidate.trust,
            savedAt: candidate.savedAt,
            verdict: candidate.verdict.rawValue,
            note: candidate.note
        )
    }
}
