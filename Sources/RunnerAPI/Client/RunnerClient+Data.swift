import NIOHTTP1

extension RunnerClient {
    /// The newest first.
    package func backups(of environment: String) async throws -> Page<BackupView> {
        try await call(.GET, "/api/v1/environments/\(PercentEncoding.encode(environment))/backups")
    }

    /// Returns when it is made.
    package func backUp(_ environment: String) async throws -> BackupView {
        try await call(.POST, "/api/v1/environments/\(PercentEncoding.encode(environment))/backups")
    }

    package func verifyBackup(_ id: Int64) async throws -> BackupView {
        try await call(.POST, "/api/v1/backups/\(id)/verify")
    }

    package func restoreBackup(_ id: Int64, reason: String) async throws -> BackupView {
        try await call(.POST, "/api/v1/backups/\(id)/restore", body: ReasonBody(reason: reason))
    }

    package func migrations(of environment: String, version: String?) async throws -> Page<MigrationView> {
        try await call(
            .GET,
            "/api/v1/environments/\(PercentEncoding.encode(environment))/migrations",
            query: Query().adding("version", version)
        )
    }

    /// Returns when they are applied.
    package func migrate(_ environment: String, version: String?) async throws -> Page<MigrationView> {
        try await call(
            .POST,
            "/api/v1/environments/\(PercentEncoding.encode(environment))/migrations",
            body: DeployBody(version: version)
        )
    }

    package func drill(_ environment: String) async throws -> DeploymentView {
        try await call(.POST, "/api/v1/environments/\(PercentEncoding.encode(environment))/drill")
    }
}
