import NIOHTTP1
import RunnerCore

extension RunnerClient {
    package func secrets() async throws -> Page<SecretView> { try await call(.GET, "/api/v1/secrets") }

    package func keep(_ secret: SecretBody) async throws -> SecretKept {
        try await call(.POST, "/api/v1/secrets", body: secret)
    }

    /// Of one environment, or of all where that is `nil`.
    package func removeSecret(_ name: String, environment: String? = nil) async throws -> SecretCount {
        try await call(
            .DELETE,
            "/api/v1/secrets/\(PercentEncoding.encode(name))",
            query: Query().adding("environment", environment)
        )
    }

    /// The newest first.
    package func secretUses(of name: String? = nil, limit: Int? = nil) async throws -> Page<SecretUseView> {
        try await call(.GET, "/api/v1/secrets/uses", query: Query().adding("secret", name).adding("limit", limit))
    }

    package func rekeySecrets() async throws -> SecretCount { try await call(.POST, "/api/v1/secrets/rekey") }
}
