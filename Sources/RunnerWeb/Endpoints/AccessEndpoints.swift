import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Tokens and the audit.
enum AccessEndpoints {
    static let all: [Endpoint] = [tokens, create, revoke, audit]

    private static let tokens = Endpoint.get(
        "/api/v1/tokens",
        "tokens",
        "Tokens, without their secrets.",
        access: .role(.admin)
    ) { call in Page(try await call.site.engine.database.tokens().map(TokenView.init)) }

    private static let create = Endpoint.post(
        "/api/v1/tokens",
        "createToken",
        "Make a token. Its secret is shown this once.",
        access: .role(.admin),
        limits: ["name": .string(1...100)],
        status: .created
    ) { (call, body: TokenBody) in
        let secret = try await call.site.engine.database.createToken(
            name: body.name,
            role: body.role,
            expires: body.expiresAt,
            actor: call.caller.name
        )
        return TokenSecret(name: body.name, secret: secret)
    }

    private static let revoke = Endpoint.act(
        .delete,
        "/api/v1/tokens/{name}",
        "revokeToken",
        "Take a token away.",
        access: .role(.admin),
        parameters: [Parameters.name.description],
        status: .noContent
    ) { call in
        let name = try call(Parameters.name)
        guard try await call.site.engine.database.revokeToken(named: name, actor: call.caller.name) else {
            throw Problem.unknown("token `\(name)`")
        }
        return Nothing()
    }

    private static let audit = Endpoint.get(
        "/api/v1/audit",
        "audit",
        "Who did what, the oldest first.",
        access: .role(.admin),
        parameters: [Parameters.after.description, Parameters.limit.description]
    ) { call in
        let limit = try call.optional(Parameters.limit) ?? 100
        let lines = try await call.site.engine.database.audit(
            after: call.optional(Parameters.after) ?? 0,
            limit: limit
        )
        return Page(lines.map(AuditEntryView.init), next: lines.count == limit ? lines.last?.id : nil)
    }
}
