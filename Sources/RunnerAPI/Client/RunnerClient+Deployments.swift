package import FoundationEssentials
import NIOHTTP1

extension RunnerClient {
    package func environments() async throws -> Page<EnvironmentView> { try await call(.GET, "/api/v1/environments") }

    package func environment(_ name: String) async throws -> EnvironmentView {
        try await call(.GET, path(environment: name))
    }

    package func why(_ version: String, _ environment: String, at date: Date? = nil) async throws -> WhyView {
        try await call(
            .GET,
            path(environment: environment) + "/why",
            query: Query().adding("version", version).adding("at", date.map(APIJSON.text(of:)))
        )
    }

    package func deploy(_ version: String?, to environment: String) async throws -> DeploymentView {
        try await call(.POST, path(environment: environment) + "/deploy", body: DeployBody(version: version))
    }

    package func rollBack(_ environment: String, to version: String?, reason: String?) async throws -> DeploymentView {
        let body = DeployBody(version: version, reason: reason)
        return try await call(.POST, path(environment: environment) + "/rollback", body: body)
    }

    /// What a deployment, or a rollback, would do.
    package func rehearse(_ environment: String, rollback: Bool, version: String?) async throws -> RehearsalView {
        try await call(
            .GET,
            path(environment: environment) + "/rehearsal",
            query: Query().adding("version", version).adding("rollback", rollback ? "true" : "false")
        )
    }

    package func freeze(_ environment: String, until: Date?, reason: String) async throws {
        let body = FreezeBody(until: until, reason: reason)
        try await exchange(.POST, path(environment: environment) + "/freeze", body: body)
    }

    package func unfreeze(_ environment: String, reason: String) async throws -> FreezeCount {
        try await call(.POST, path(environment: environment) + "/unfreeze", body: ReasonBody(reason: reason))
    }

    // MARK: - Deployments

    /// The newest first.
    package func deployments(
        of environment: String? = nil,
        before: Int64? = nil,
        limit: Int? = nil
    ) async throws -> Page<DeploymentView> {
        try await call(
            .GET,
            "/api/v1/deployments",
            query: Query().adding("environment", environment).adding("before", before).adding("limit", limit)
        )
    }

    package func deployment(_ id: Int64) async throws -> DeploymentView {
        try await call(.GET, "/api/v1/deployments/\(id)")
    }

    /// The oldest first.
    package func events(ofDeployment id: Int64, after: Int64? = nil) async throws -> Page<DeploymentEventView> {
        try await call(.GET, "/api/v1/deployments/\(id)/events", query: Query().adding("after", after))
    }

    package func answer(_ id: Int64, _ answer: GateAnswerBody) async throws -> DeploymentView {
        try await call(.POST, "/api/v1/deployments/\(id)/answers", body: answer)
    }

    package func cancelDeployment(_ id: Int64, reason: String) async throws -> DeploymentView {
        try await call(.POST, "/api/v1/deployments/\(id)/cancel", body: ReasonBody(reason: reason))
    }

    package func continueDeployment(_ id: Int64) async throws -> DeploymentView {
        try await call(.POST, "/api/v1/deployments/\(id)/continue")
    }

    package func abandonDeployment(_ id: Int64, reason: String) async throws -> DeploymentView {
        try await call(.POST, "/api/v1/deployments/\(id)/abandon", body: ReasonBody(reason: reason))
    }

    private func path(environment: String) -> String {
        "/api/v1/environments/\(PercentEncoding.encode(environment))"
    }
}
