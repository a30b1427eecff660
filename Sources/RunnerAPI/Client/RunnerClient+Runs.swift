import NIOHTTP1
package import RunnerCore

extension RunnerClient {
    package func runs(_ query: RunQuery = RunQuery()) async throws -> Page<RunSummary> {
        try await call(.GET, "/api/v1/runs", query: query.query)
    }

    package func start(_ request: RunRequestBody) async throws -> RunNumber {
        let created: RunCreated = try await call(.POST, "/api/v1/runs", body: request)
        return try number(created)
    }

    package func run(_ run: RunNumber) async throws -> RunDetail { try await call(.GET, path(run)) }

    package func bundle(of run: RunNumber) async throws -> RunBundle { try await call(.GET, path(run, "/bundle")) }

    package func explanation(of run: RunNumber, stage: String) async throws -> StageExplanationView {
        try await call(.GET, path(run, "/stages/\(PercentEncoding.encode(stage))/explanation"))
    }

    package func cancel(_ run: RunNumber, reason: String? = nil) async throws -> CancelAnswerView {
        try await call(.POST, path(run, "/cancel"), body: CancelBody(reason: reason))
    }

    package func rerun(_ run: RunNumber, _ choice: RerunBody = RerunBody()) async throws -> RunNumber {
        let created: RunCreated = try await call(.POST, path(run, "/rerun"), body: choice)
        return try number(created)
    }

    package func search(
        _ text: String,
        repository: String? = nil,
        since: String? = nil,
        before: Int64? = nil
    ) async throws -> SearchAnswer {
        try await call(
            .GET,
            "/api/v1/search",
            query: Query().adding("text", text).adding("repository", repository).adding("since", since)
                .adding("before", before)
        )
    }

    func path(_ run: RunNumber, _ rest: String = "") -> String { "/api/v1/runs/\(run)\(rest)" }

    func path(_ run: RunNumber, stage: String, step: Int? = nil) -> String {
        let steps = step.map { "/steps/\($0)" } ?? ""
        return path(run, "/stages/\(PercentEncoding.encode(stage))\(steps)/log")
    }

    private func number(_ created: RunCreated) throws -> RunNumber {
        guard let number = RunNumber(created.number) else {
            throw RunnerError(.errored, "cannot read the daemon's answer", why: "\(created.number) is not a run number")
        }
        return number
    }
}
