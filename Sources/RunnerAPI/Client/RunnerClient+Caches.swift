import NIOHTTP1

extension RunnerClient {
    /// Those that keys lead to; `cache` is the name of an entry or a key.
    package func caches(_ cache: String? = nil, repository: String? = nil) async throws -> Page<CacheView> {
        let query = Query().adding("repository", repository).adding("cache", cache)
        return try await call(.GET, "/api/v1/caches\(query.text)")
    }

    package func removeCaches(_ body: CacheRemovalBody) async throws -> CacheRemovalView {
        try await call(.POST, "/api/v1/caches/remove", body: body)
    }

    package func caches(of run: Int, stage: String) async throws -> StageCachesView {
        try await call(.GET, "/api/v1/runs/\(run)/stages/\(PercentEncoding.encode(stage))/caches")
    }
}
