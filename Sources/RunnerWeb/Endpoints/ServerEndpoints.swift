import HTTPTypes
import Hummingbird
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage

/// The daemon itself, and locks.
enum ServerEndpoints {
    static let all: [Endpoint] = [status, drain, resume, upgrade, reload, locks, breakLock, document]

    private static let status = Endpoint.get("/api/v1/status", "status", "What the daemon is doing now.") { call in
        StatusView(try await call.site.engine.status())
    }

    private static let drain = Endpoint.act(
        .post,
        "/api/v1/drain",
        "drain",
        "Start nothing new.",
        access: .role(.admin)
    ) { call in
        try await call.site.engine.drain(true, actor: call.caller.name)
        return StatusView(try await call.site.engine.status())
    }

    private static let resume = Endpoint.act(
        .post,
        "/api/v1/resume",
        "resume",
        "Take work again.",
        access: .role(.admin)
    ) { call in
        try await call.site.engine.drain(false, actor: call.caller.name)
        return StatusView(try await call.site.engine.status())
    }

    private static let upgrade = Endpoint.post(
        "/api/v1/upgrade",
        "upgrade",
        "Go on as another binary, no stage killed.",
        access: .role(.admin),
        isBodyRequired: false,
        limits: ["binary": .string(1...4096)],
        status: .accepted
    ) { (call, body: UpgradeBody) in
        try await call.site.engine.upgrade(to: body.binary.map { FilePath($0) }, actor: call.caller.name)
        return Nothing()
    }

    private static let reload = Endpoint.act(
        .post,
        "/api/v1/reload",
        "reload",
        "Read the server's file again; a bad one changes nothing.",
        access: .role(.admin),
        status: .noContent
    ) { call in
        try await call.site.engine.reload()
        return Nothing()
    }

    private static let locks = Endpoint.get("/api/v1/locks", "locks", "What runs hold so that others wait.") { call in
        Page(try await call.site.engine.database.locks().map(LockView.init))
    }

    private static let breakLock = Endpoint.post(
        "/api/v1/locks/break",
        "breakLock",
        "Take a lock away from its holder, which goes on without it.",
        access: .role(.admin),
        limits: ["name": .string(1...1000), "reason": .string(1...1000)],
        status: .noContent
    ) { (call, body: BreakLockBody) in
        let locks = try await call.site.engine.database.locks()
        guard locks.contains(where: { $0.name == body.name }) else { throw Problem.unknown("lock `\(body.name)`") }
        try await call.site.engine.breakLock(body.name, reason: body.reason, actor: call.caller.name)
        return Nothing()
    }

    private static let document = Endpoint(
        name: "openapi",
        method: .get,
        path: RoutePath("/api/openapi.json"),
        summary: "This document.",
        access: .open,
        status: .ok,
        answers: [Endpoint.Content(type: "application/json", shape: nil, summary: "OpenAPI 3.1.")]
    ) { call in try Response.json(OpenAPIDocument(.all, version: call.site.version).json) }
}
