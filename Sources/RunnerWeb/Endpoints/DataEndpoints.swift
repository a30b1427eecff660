import Deployments
import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// The data of environments: backups and migrations.
enum DataEndpoints {
    static let all: [Endpoint] = [backups, backUp, verify, restore, migrations, migrate, drill]

    private static let backups = Endpoint.get(
        "/api/v1/environments/{name}/backups",
        "backups",
        "Backups that are there, the newest first.",
        parameters: [Parameters.name.description]
    ) { call in
        let file = try await call.site.engine.deployments.environment(named: call(Parameters.name))
        return Page(try await call.site.engine.database.backups(of: file.environment.name).map(BackupView.init))
    }

    private static let backUp = Endpoint.act(
        .post,
        "/api/v1/environments/{name}/backups",
        "backUp",
        "Make a backup now, and try it out where the environment can. Answers when that is done.",
        access: .role(.approver),
        parameters: [Parameters.name.description],
        status: .created
    ) { call in
        BackupView(try await call.site.engine.deployments.backUp(call(Parameters.name), actor: call.caller.name))
    }

    private static let verify = Endpoint.act(
        .post,
        "/api/v1/backups/{id}/verify",
        "verifyBackup",
        "Restore a backup into a scratch database. Answers when that is done.",
        access: .role(.approver),
        parameters: [Parameters.backup.description]
    ) { call in BackupView(try await call.site.engine.deployments.verify(backup: call(Parameters.backup))) }

    private static let restore = Endpoint.post(
        "/api/v1/backups/{id}/restore",
        "restoreBackup",
        "Bring the data of a backup back: what was written since is lost. Answers when that is done.",
        access: .role(.admin),
        parameters: [Parameters.backup.description],
        limits: ["reason": .string(1...1000)]
    ) { (call, body: ReasonBody) in
        BackupView(
            try await call.site.engine.deployments.restore(
                backup: call(Parameters.backup),
                reason: body.reason,
                actor: call.caller.name
            )
        )
    }

    private static let migrations = Endpoint.get(
        "/api/v1/environments/{name}/migrations",
        "migrations",
        "Migrations of a release, or of the live one, and which are applied.",
        parameters: [Parameters.name.description, Parameters.version.description]
    ) { call in
        let answer = try await call.site.engine.deployments.migrations(
            call(Parameters.name),
            version: call.optional(Parameters.version)
        )
        return Page(answer.all.map(MigrationView.init))
    }

    private static let migrate = Endpoint.post(
        "/api/v1/environments/{name}/migrations",
        "migrate",
        "Apply what is pending. Answers when that is done.",
        access: .role(.admin),
        parameters: [Parameters.name.description],
        limits: ["version": .string(1...300), "reason": .string(0...1000)]
    ) { (call, body: DeployBody) in
        let all = try await call.site.engine.deployments.migrate(
            call(Parameters.name),
            version: body.version,
            actor: call.caller.name
        )
        return Page(all.map(MigrationView.init))
    }

    private static let drill = Endpoint.act(
        .post,
        "/api/v1/environments/{name}/drill",
        "drill",
        "Rehearse going back to what was live before, without a request noticing.",
        access: .role(.approver),
        parameters: [Parameters.name.description],
        status: .created
    ) { call in
        let id = try await call.site.engine.deployments.drill(call(Parameters.name), actor: call.caller.name)
        return try await DeploymentEndpoints.view(id, call)
    }
}

extension BackupView {
    init(_ row: BackupRow) {
        self.init(
            id: row.id,
            environment: row.environment,
            cause: row.cause,
            name: row.handle,
            bytes: row.isFile ? row.bytes : nil,
            createdAt: row.createdAt,
            seconds: row.seconds,
            verifiedAt: row.verifiedAt,
            problem: row.verifyProblem
        )
    }
}

extension MigrationView {
    init(_ migration: Migration) {
        self.init(
            id: migration.id,
            kind: migration.kind.rawValue,
            isReversible: migration.isReversible,
            isApplied: migration.isApplied
        )
    }
}
