import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Watched repositories.
enum RepositoryEndpoints {
    static let all: [Endpoint] = [list, add, show, remove, fetch]

    private static let list = Endpoint.get("/api/v1/repositories", "repositories", "Watched repositories, by name.") {
        call in
        Page(try await call.site.engine.database.repositories().map(RepositoryView.init))
    }

    private static let add = Endpoint.post(
        "/api/v1/repositories",
        "addRepository",
        "Watch a repository from now on, or change one that was added so.",
        access: .role(.admin),
        limits: ["name": .string(1...100), "url": .string(1...2000), "poll": .integer(1...86_400)],
        status: .created
    ) { (call, body: RepositoryBody) in
        RepositoryView(try await call.site.engine.add(body.definition, actor: call.caller.name))
    }

    private static let show = Endpoint.get(
        "/api/v1/repositories/{name}",
        "repository",
        "One repository.",
        parameters: [Parameters.name.description]
    ) { call in RepositoryView(try await find(call)) }

    private static let remove = Endpoint.act(
        .delete,
        "/api/v1/repositories/{name}",
        "removeRepository",
        "Watch it no more. Its runs stay.",
        access: .role(.admin),
        parameters: [Parameters.name.description],
        status: .noContent
    ) { call in
        let record = try await find(call)
        try await call.site.engine.removeRepository(named: record.name, actor: call.caller.name)
        return Nothing()
    }

    private static let fetch = Endpoint.act(
        .post,
        "/api/v1/repositories/{name}/fetch",
        "fetchRepository",
        "Look at it now. Answers when that is done.",
        access: .role(.developer),
        parameters: [Parameters.name.description]
    ) { call in
        let record = try await find(call)
        try await call.site.engine.look(at: record.name)
        return RepositoryView(try await find(call))
    }

    private static func find(_ call: Call) async throws -> RepositoryRecord {
        let name = try call(Parameters.name)
        guard let record = try await call.site.engine.database.repository(named: name) else {
            throw Problem.unknown("repository `\(name)`", hint: "`runner repository list` shows those there are")
        }
        return record
    }
}
