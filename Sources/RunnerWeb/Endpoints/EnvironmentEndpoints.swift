import Deployments
import FoundationEssentials
import HTTPTypes
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

/// Where releases go: what is there, and what is asked of it.
enum EnvironmentEndpoints {
    static let all: [Endpoint] = [list, show, why, rehearse, deploy, rollBack, freeze, unfreeze]

    private static let list = Endpoint.get(
        "/api/v1/environments",
        "environments",
        "Environments, and what is live in each."
    ) { call in
        let files = await call.site.engine.deployments.files
        return Page(try await EnvironmentView.all(files, call.site.engine.database))
    }

    private static let show = Endpoint.get(
        "/api/v1/environments/{name}",
        "environment",
        "One environment.",
        parameters: [Parameters.name.description]
    ) { call in
        let file = try await call.site.engine.deployments.environment(named: call(Parameters.name))
        guard let view = try await EnvironmentView.all([file], call.site.engine.database).first else {
            throw Problem.unknown("environment `\(file.environment.name)`")
        }
        return view
    }

    private static let why = Endpoint.get(
        "/api/v1/environments/{name}/why",
        "why",
        "What each gate says of a release that would go there, now or at another time.",
        parameters: [
            Parameters.name.description, Parameters.requiredVersion.description, Parameters.at.description,
        ]
    ) { call in
        let date = try call.optional(Parameters.at) ?? Date()
        let name = try call(Parameters.name)
        let answer = try await call.site.engine.deployments.why(
            call(Parameters.requiredVersion),
            name,
            at: date
        )
        return WhyView(
            environment: name,
            release: ReleaseView(answer.release),
            deployment: answer.deployment?.id,
            plan: answer.deployment?.planHash,
            at: date,
            decision: WhyView.Decision(GateDecision(answer.verdicts)),
            gates: answer.verdicts.map(GateView.init)
        )
    }

    private static let rehearse = Endpoint.get(
        "/api/v1/environments/{name}/rehearsal",
        "rehearse",
        "The steps that a deployment or a rollback would take. Nothing is done.",
        parameters: [
            Parameters.name.description, Parameters.version.description, Parameters.isRollback.description,
        ]
    ) { call in
        let desk = call.site.engine.deployments
        let name = try call(Parameters.name)
        let version = try call.optional(Parameters.version)
        let isRollback = try call.optional(Parameters.isRollback) ?? false
        let file = try await desk.environment(named: name)
        let release =
            isRollback
            ? try await desk.rollbackRelease(name, to: version)
            : try await desk.release(version, for: file.environment)
        let rehearsal = try await desk.rehearse(isRollback ? .rollback : .deploy, release, in: name)
        return RehearsalView(
            environment: name,
            release: ReleaseView(release),
            steps: rehearsal.steps,
            notes: rehearsal.notes
        )
    }

    private static let deploy = Endpoint.post(
        "/api/v1/environments/{name}/deploy",
        "deploy",
        "Ask for a release to go there, through all gates. Without a version, the newest.",
        access: .role(.developer),
        parameters: [Parameters.name.description],
        limits: ["version": .string(1...300), "reason": .string(0...1000)],
        status: .created
    ) { (call, body: DeployBody) in
        let id = try await call.site.engine.deployments.deploy(
            body.version,
            to: call(Parameters.name),
            actor: call.caller.name
        )
        return try await DeploymentEndpoints.view(id, call)
    }

    private static let rollBack = Endpoint.post(
        "/api/v1/environments/{name}/rollback",
        "rollBack",
        "Go back to a version that was live there; without one, to the one before. No gate holds that up.",
        access: .role(.approver),
        parameters: [Parameters.name.description],
        limits: ["version": .string(1...300), "reason": .string(0...1000)],
        status: .created
    ) { (call, body: DeployBody) in
        let id = try await call.site.engine.deployments.rollBack(
            call(Parameters.name),
            to: body.version,
            actor: call.caller.name,
            reason: body.reason ?? ""
        )
        return try await DeploymentEndpoints.view(id, call)
    }

    private static let freeze = Endpoint.post(
        "/api/v1/environments/{name}/freeze",
        "freeze",
        "Let nothing be deployed there, until a time or until it is lifted. Rollbacks are.",
        access: .role(.approver),
        parameters: [Parameters.name.description],
        limits: ["reason": .string(1...1000)],
        status: .noContent
    ) { (call, body: FreezeBody) in
        let file = try await call.site.engine.deployments.environment(named: call(Parameters.name))
        try await call.site.engine.database.freeze(
            file.environment.name,
            until: body.until,
            reason: body.reason,
            actor: call.caller.name
        )
        return Nothing()
    }

    private static let unfreeze = Endpoint.post(
        "/api/v1/environments/{name}/unfreeze",
        "unfreeze",
        "Lift the freezes that people began. Those of the file stay.",
        access: .role(.approver),
        parameters: [Parameters.name.description],
        limits: ["reason": .string(1...1000)]
    ) { (call, body: ReasonBody) in
        let file = try await call.site.engine.deployments.environment(named: call(Parameters.name))
        let count = try await call.site.engine.database.unfreeze(
            file.environment.name,
            reason: body.reason,
            actor: call.caller.name
        )
        call.site.engine.deployments.poke()
        return FreezeCount(lifted: count)
    }
}
