import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Caches: what there is, what became of them in a stage, and taking them away.
enum CacheEndpoints {
    static let all: [Endpoint] = [list, remove, stage]

    private static let cache = Parameter(.query("cache", .string(0...1000), "Only of this name, or of this key.")) {
        $0
    }

    private static let list = Endpoint.get(
        "/api/v1/caches",
        "caches",
        "Saved caches, the one saved last first.",
        parameters: [Parameters.repository.description, cache.description]
    ) { call in
        let report = CacheReport(call.site.engine.state)
        let repository = try await watched(call.optional(Parameters.repository), call)
        return Page(try report.views(call.optional(cache), repository: repository))
    }

    private static let remove = Endpoint.post(
        "/api/v1/caches/remove",
        "removeCaches",
        "Take caches away. Those that stages use stay.",
        access: .role(.developer),
        limits: ["cache": .string(0...16_384), "repository": .string(1...200)]
    ) { (call, body: CacheRemovalBody) in
        var body = body
        body.repository = try await watched(body.repository, call)
        let answer = try CacheReport(call.site.engine.state).remove(body)
        for view in answer.removed {
            let detail = "key \(view.key) of \(view.repository)"
            try await call.site.engine.database.note(
                .cacheRemoved,
                of: "cache \(view.id)",
                by: call.caller.name,
                detail: detail
            )
        }
        return answer
    }

    private static let stage = Endpoint.get(
        "/api/v1/runs/{number}/stages/{stage}/caches",
        "stageCaches",
        "What was looked for, found and saved for the caches of a stage.",
        parameters: [Parameters.number.description, Parameters.stage.description]
    ) { call in
        let run = try await RunReader.find(call(Parameters.number), call.site.engine)
        let id = try call(Parameters.stage)
        return try CacheReport.explanation(of: await run.stage(id), run: run.row.number, stage: id)
    }

    /// Throws for a repository that is not watched.
    private static func watched(_ repository: String?, _ call: Call) async throws -> String? {
        guard let repository else { return nil }
        guard let record = try await call.site.engine.database.repository(named: repository) else {
            throw Problem.unknown("repository `\(repository)`", hint: "`runner repository list` shows those there are")
        }
        return record.name
    }
}
