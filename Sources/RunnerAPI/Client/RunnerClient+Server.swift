import NIOHTTP1

extension RunnerClient {
    package func status() async throws -> StatusView { try await call(.GET, "/api/v1/status") }

    /// Also where the daemon is not well.
    package func health() async throws -> HealthView {
        try await call(.GET, "/health", accepting: .serviceUnavailable)
    }

    package func drain() async throws -> StatusView { try await call(.POST, "/api/v1/drain") }

    package func resume() async throws -> StatusView { try await call(.POST, "/api/v1/resume") }

    package func upgrade(to binary: String? = nil) async throws {
        try await exchange(.POST, "/api/v1/upgrade", body: UpgradeBody(binary: binary))
    }

    package func reload() async throws { try await exchange(.POST, "/api/v1/reload") }

    // MARK: - Repositories

    package func repositories() async throws -> Page<RepositoryView> { try await call(.GET, "/api/v1/repositories") }

    package func repository(_ name: String) async throws -> RepositoryView {
        try await call(.GET, path(repository: name))
    }

    package func add(_ repository: RepositoryBody) async throws -> RepositoryView {
        try await call(.POST, "/api/v1/repositories", body: repository)
    }

    package func removeRepository(_ name: String) async throws { try await exchange(.DELETE, path(repository: name)) }

    /// Returns when the look is done.
    package func fetch(_ name: String) async throws -> RepositoryView {
        try await call(.POST, path(repository: name) + "/fetch")
    }

    private func path(repository: String) -> String { "/api/v1/repositories/\(PercentEncoding.encode(repository))" }

    // MARK: - Locks

    package func locks() async throws -> Page<LockView> { try await call(.GET, "/api/v1/locks") }

    package func breakLock(_ name: String, reason: String) async throws {
        try await exchange(.POST, "/api/v1/locks/break", body: BreakLockBody(name: name, reason: reason))
    }

    // MARK: - Access

    package func tokens() async throws -> Page<TokenView> { try await call(.GET, "/api/v1/tokens") }

    package func createToken(_ token: TokenBody) async throws -> TokenSecret {
        try await call(.POST, "/api/v1/tokens", body: token)
    }

    package func revokeToken(_ name: String) async throws {
        try await exchange(.DELETE, "/api/v1/tokens/\(PercentEncoding.encode(name))")
    }

    /// The oldest first.
    package func audit(after: Int64? = nil, limit: Int? = nil) async throws -> Page<AuditEntryView> {
        try await call(.GET, "/api/v1/audit", query: Query().adding("after", after).adding("limit", limit))
    }
}
