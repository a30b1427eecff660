import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Attempts to bring environments to releases, and what people say to them.
enum DeploymentEndpoints {
    static let all: [Endpoint] = [list, show, events, answer, cancel, goOn, abandon]

    private static let list = Endpoint.get(
        "/api/v1/deployments",
        "deployments",
        "Deployments, the newest first.",
        parameters: [
            Parameters.environment.description, Parameters.beforeDeployment.description, Parameters.limit.description,
        ]
    ) { call in
        let limit = try call.optional(Parameters.limit) ?? 50
        let rows = try await call.site.engine.database.deployments(
            of: call.optional(Parameters.environment),
            before: call.optional(Parameters.beforeDeployment),
            limit: limit
        )
        return Page(try rows.map(DeploymentView.init), next: rows.count == limit ? rows.last?.id : nil)
    }

    private static let show = Endpoint.get(
        "/api/v1/deployments/{id}",
        "deployment",
        "One deployment.",
        parameters: [Parameters.deployment.description]
    ) { call in try await view(call(Parameters.deployment), call) }

    private static let events = Endpoint.get(
        "/api/v1/deployments/{id}/events",
        "deploymentEvents",
        "What happened, the oldest first.",
        parameters: [Parameters.deployment.description, Parameters.after.description, Parameters.limit.description]
    ) { call in
        let limit = try call.optional(Parameters.limit) ?? 1000
        let events = try await call.site.engine.database.events(
            of: call(Parameters.deployment),
            after: call.optional(Parameters.after) ?? 0,
            limit: limit
        ).map { DeploymentEventView(id: $0.id, at: $0.at, kind: $0.kind, text: $0.text) }
        return Page(events, next: events.count == limit ? events.last?.id : nil)
    }

    private static let answer = Endpoint.post(
        "/api/v1/deployments/{id}/answers",
        "answerDeployment",
        "Approve or reject a plan, sign an item of its checklist, or set a gate aside, which takes an admin.",
        access: .role(.approver),
        parameters: [Parameters.deployment.description],
        limits: [
            "subject": .string(1...200), "reason": .string(0...1000), "plan": .string(4...64),
        ]
    ) { (call, body: GateAnswerBody) in
        let id = try call(Parameters.deployment)
        guard let role = call.caller.role else { throw Problem.unknown("deployment \(id)") }
        try await call.site.engine.deployments.answer(
            id,
            try kind(body, role),
            subject: body.subject ?? "",
            actor: call.caller.name,
            role: role,
            reason: body.reason ?? "",
            planHash: body.plan
        )
        return try await view(id, call)
    }

    /// Throws where the words do not fit together, or the role is too small.
    private static func kind(_ body: GateAnswerBody, _ role: Role) throws -> GateMark.Kind {
        let hasReason = !(body.reason ?? "").allSatisfy(\.isWhitespace)
        switch body.kind {
        case .approve: return .approved
        case .reject:
            guard hasReason else { throw Problem.badRequest("a rejection needs a `reason`") }
            return .rejected
        case .sign:
            guard body.subject != nil else { throw Problem.badRequest("`subject` is missing: which item is signed") }
            return .signed
        case .override:
            guard role >= .admin else {
                throw Problem(.forbidden, "cannot set a gate aside", why: "it takes the role `admin`")
            }
            let gates = Protection.GateName.allCases.filter(\.canBeSetAside).map(\.rawValue)
            guard let gate = body.subject, gates.contains(gate) else {
                throw Problem.badRequest("`subject` is one of \(gates.joined(separator: ", "))")
            }
            guard hasReason else { throw Problem.badRequest("setting a gate aside needs a `reason`") }
            return .overridden
        }
    }

    private static let cancel = Endpoint.post(
        "/api/v1/deployments/{id}/cancel",
        "cancelDeployment",
        "End one that waits; take back one that is under way.",
        access: .role(.developer),
        parameters: [Parameters.deployment.description],
        limits: ["reason": .string(1...1000)]
    ) { (call, body: ReasonBody) in
        let id = try call(Parameters.deployment)
        _ = try await call.site.engine.deployments.cancel(id, reason: body.reason, actor: call.caller.name)
        return try await view(id, call)
    }

    private static let goOn = Endpoint.act(
        .post,
        "/api/v1/deployments/{id}/continue",
        "continueDeployment",
        "Go on with one that waits for a person half-way.",
        access: .role(.approver),
        parameters: [Parameters.deployment.description]
    ) { call in
        let id = try call(Parameters.deployment)
        try await call.site.engine.deployments.goOn(id, actor: call.caller.name)
        return try await view(id, call)
    }

    private static let abandon = Endpoint.post(
        "/api/v1/deployments/{id}/abandon",
        "abandonDeployment",
        "Give up one that waits for a person half-way: the environment stays as it is, and is free for others.",
        access: .role(.admin),
        parameters: [Parameters.deployment.description],
        limits: ["reason": .string(1...1000)]
    ) { (call, body: ReasonBody) in
        let id = try call(Parameters.deployment)
        try await call.site.engine.deployments.abandon(id, reason: body.reason, actor: call.caller.name)
        return try await view(id, call)
    }

    static func view(_ id: Int64, _ call: Call) async throws -> DeploymentView {
        guard let row = try await call.site.engine.database.deployment(id) else {
            throw Problem.unknown("deployment \(id)")
        }
        return try DeploymentView(row)
    }
}
