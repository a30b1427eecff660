import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Secrets: what there is and who got it, and new values. No answer holds one.
enum SecretEndpoints {
    static let all: [Endpoint] = [list, keep, remove, uses, rekey]

    private static let list = Endpoint.get(
        "/api/v1/secrets",
        "secrets",
        "Secrets that the server keeps, without their values.",
        access: .role(.admin)
    ) { call in
        let commands = Set(await call.site.engine.secrets.commands)
        return Page(
            try await call.site.engine.database.secrets().map { row in
                SecretView(
                    name: row.name,
                    environment: row.environment,
                    version: row.version,
                    createdAt: row.createdAt,
                    createdBy: row.createdBy,
                    usedAt: row.usedAt,
                    isOverruled: commands.contains(row.name)
                )
            }
        )
    }

    private static let keep = Endpoint.post(
        "/api/v1/secrets",
        "keepSecret",
        "Keep a value, as the newest version of a secret.",
        access: .role(.admin),
        limits: [
            "name": .string(1...200), "environment": .string(1...100), "value": .string(1...SecretStore.longest),
        ],
        status: .created
    ) { (call, body: SecretBody) in
        let kept = try await call.site.engine.secrets.set(
            body.name,
            environment: body.environment,
            to: body.value,
            isRotation: body.isRotation ?? false,
            actor: call.caller.name
        )
        return SecretKept(
            name: kept.secret.name,
            environment: kept.secret.environment,
            version: kept.secret.version,
            usedAt: kept.usedAt,
            warnings: kept.warnings
        )
    }

    private static let remove = Endpoint.act(
        .delete,
        "/api/v1/secrets/{name}",
        "removeSecret",
        "Remove a secret with all its versions.",
        access: .role(.admin),
        parameters: [Parameters.name.description, Parameters.environment.description]
    ) { call in
        let count = try await call.site.engine.secrets.store.remove(
            call(Parameters.name),
            environment: call.optional(Parameters.environment),
            actor: call.caller.name
        )
        return SecretCount(secrets: count)
    }

    private static let uses = Endpoint.get(
        "/api/v1/secrets/uses",
        "secretUses",
        "Which stages got which secrets, the newest first.",
        access: .role(.admin),
        parameters: [Parameters.secret.description, Parameters.limit.description]
    ) { call in
        let uses = try await call.site.engine.database.secretUses(
            of: call.optional(Parameters.secret),
            limit: call.optional(Parameters.limit) ?? 100
        )
        return Page(uses.map(SecretUseView.init))
    }

    private static let rekey = Endpoint.act(
        .post,
        "/api/v1/secrets/rekey",
        "rekeySecrets",
        "Make a new key, and seal every stored secret with it.",
        access: .role(.admin)
    ) { call in
        SecretCount(secrets: try await call.site.engine.secrets.store.rekey(actor: call.caller.name))
    }
}

extension SecretUseView {
    fileprivate init(_ use: SecretUse) {
        self.init(
            at: use.at,
            name: use.name,
            environment: use.environment,
            version: use.version,
            run: use.run.value,
            repository: use.repository,
            ref: use.ref,
            stage: use.stage.description
        )
    }
}
