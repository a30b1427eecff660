package import Deployments
package import FoundationEssentials
import Logging
package import RunnerCore
import RunnerExecution
package import RunnerStore

/// What people ask for.
extension DeploymentDesk {
    /// Asks for a release to go to an environment, through its gates.
    package func deploy(_ version: String?, to name: String, actor: String) async throws -> Int64 {
        let file = try environment(named: name)
        let release = try await release(version, for: file.environment)
        return try await add(.deploy, release, file, actor: actor)
    }

    /// Goes back: to a version that was live there, or to the one before what is live.
    package func rollBack(_ name: String, to version: String?, actor: String, reason: String) async throws -> Int64 {
        let file = try environment(named: name)
        let release = try await rollbackRelease(name, to: version)
        let id = try await add(.rollback, release, file, actor: actor)
        if !reason.isEmpty { try await database.note(reason, kind: "reason", of: id) }
        return id
    }

    /// Rehearses going back to what was live before.
    package func drill(_ name: String, actor: String) async throws -> Int64 {
        let file = try environment(named: name)
        return try await add(.drill, try await rollbackRelease(name, to: nil), file, actor: actor)
    }

    package func rollbackRelease(_ name: String, to version: String?) async throws -> ReleaseRow {
        let history = try await database.liveHistory(of: name, limit: 1000)
        let live = try await database.live().first { $0.environment == name }?.release
        let earlier = history.map(\.release).filter { $0.id != live?.id }
        if let version {
            if let release = earlier.first(where: { $0.version == version }) { return release }
            let known = earlier.prefix(10).map(\.version).joined(separator: ", ")
            throw RunnerError(
                .input,
                "cannot go back to `\(version)` in \(name)",
                why: live?.version == version ? "it is live" : "it was never live there",
                hint: known.isEmpty ? "nothing else was live there" : "it was live: \(known)"
            )
        }
        // The one that was live when the live one came; after a rollback that is what it went back from.
        if let current = try await database.live().first(where: { $0.environment == name }),
            let before = try await database.deployment(current.deployment)?.previous,
            let release = earlier.first(where: { $0.id == before })
        {
            return release
        }
        guard let release = earlier.first else {
            throw RunnerError(.input, "cannot go back in \(name)", why: "nothing was live there before")
        }
        return release
    }

    private func add(
        _ kind: DeploymentRow.Kind,
        _ release: ReleaseRow,
        _ file: EnvironmentFile,
        actor: String
    ) async throws -> Int64 {
        let plan = try await plan(kind, release, file)
        let id = try await database.add(
            NewDeployment(
                environment: file.environment.name,
                release: release,
                kind: kind,
                askedBy: actor,
                definition: file.text,
                plan: try plan.text(),
                planHash: try plan.hash()
            )
        )
        poke()
        return id
    }

    /// Approves or rejects, answers an item of the checklist, or sets a gate aside: of the plan as it is now.
    package func answer(
        _ deployment: Int64,
        _ kind: GateMark.Kind,
        subject: String = "",
        actor: String,
        role: Role,
        reason: String,
        planHash: String?
    ) async throws {
        guard let row = try await database.deployment(deployment) else { throw Self.unknown(deployment) }
        if let planHash, !row.planHash.hasPrefix(planHash) {
            throw RunnerError(
                .input,
                "cannot answer for deployment \(deployment)",
                why: "its plan is \(row.planHash.prefix(12)) now, not \(planHash)",
                hint: "look at it again: `runner why \(row.release.version) \(row.environment)`"
            )
        }
        if kind == .signed, let environment = Self.environment(of: row) {
            let items = environment.protection.checklist.filter { $0.check == nil }.map(\.name)
            guard items.contains(subject) else {
                throw RunnerError(
                    .input,
                    "there is no item `\(subject)` to sign",
                    why: items.isEmpty
                        ? "\(row.environment) has none" : "\(row.environment) has \(items.joined(separator: ", "))"
                )
            }
        }
        try await database.add(
            GateMark(
                deployment: deployment,
                kind: kind,
                subject: subject,
                actor: actor,
                role: role,
                reason: reason,
                isGood: kind != .rejected,
                planHash: row.planHash
            )
        )
        poke()
    }

    /// Ends one that waits; takes back one that is under way.
    package func cancel(_ deployment: Int64, reason: String, actor: String) async throws -> DeploymentRow.Status {
        guard let status = try await database.cancelDeployment(deployment, reason: reason, actor: actor) else {
            throw Self.unknown(deployment)
        }
        interrupt(deployment, reason: reason)
        if status == .paused { try await resume(deployment, .goBack(reason), actor: actor) }
        poke()
        return status
    }

    /// Goes on with one that waits for a person.
    package func goOn(_ deployment: Int64, actor: String) async throws {
        try await resume(deployment, .goOn, actor: actor)
    }

    private func resume(_ deployment: Int64, _ change: Rollout.Change, actor: String) async throws {
        guard let row = try await database.deployment(deployment) else { throw Self.unknown(deployment) }
        guard row.status == .paused, let environment = Self.environment(of: row), var rollout = try row.savedRollout(),
            rollout.apply(change)
        else {
            throw RunnerError(.input, "deployment \(deployment) waits for nobody", why: row.reason)
        }
        try await database.save(
            deployment,
            status: .running,
            rollout: String(decoding: try JSON.encode(rollout), as: UTF8.self),
            places: [],
            event: ("continued", "\(change == .goOn ? "goes on" : "goes back"), by \(actor)")
        )
        drive(row, environment, rollout)
    }

    /// Gives up one that can neither go on nor back: the environment is free, and as it is.
    package func abandon(_ deployment: Int64, reason: String, actor: String) async throws {
        guard let row = try await database.deployment(deployment), row.status == .paused else {
            throw Self.unknown(deployment)
        }
        try await database.finish(
            deployment,
            .errored,
            reason: "given up by \(actor): \(reason)",
            isLive: false
        )
        poke()
    }

    // MARK: - Looking

    /// What each gate says of a release that would go to an environment at a time.
    package func why(
        _ version: String,
        _ name: String,
        at date: Date
    ) async throws -> (release: ReleaseRow, deployment: DeploymentRow?, verdicts: [GateVerdict]) {
        let file = try environment(named: name)
        let open = try await database.openDeployments()
            .last { $0.environment == name && $0.release.version == version && $0.status == .waiting }
        if let open {
            let facts = try await facts().facts(of: open, in: file.environment, at: date)
            return (open.release, open, GateEvaluator.verdicts(facts))
        }
        let release = try await release(version, for: file.environment)
        let facts = try await facts().facts(of: release, in: file.environment, at: date)
        return (release, nil, GateEvaluator.verdicts(facts))
    }

    /// The steps that a deployment or a rollback would take, and what there is to know about them before, in words.
    package func rehearse(
        _ kind: DeploymentRow.Kind,
        _ release: ReleaseRow,
        in name: String
    ) async throws -> (steps: [String], notes: [String]) {
        let file = try environment(named: name)
        let rehearsal = try await rehearsal(kind, release, file.environment, for: nil)
        return (rehearsal.rollout.program.map(\.description), rehearsal.notes + [rehearsal.problem].compactMap(\.self))
    }

    package func environment(named name: String) throws -> EnvironmentFile {
        if let file = environments[name] { return file }
        let known = environments.keys.sorted()
        let near = DidYouMean.suggestion(for: name, among: known).map { "did you mean `\($0)`?" }
        throw RunnerError(
            .input,
            "there is no environment `\(name)`",
            why: known.isEmpty ? "the server has none" : "the server has \(known.joined(separator: ", "))",
            hint: near ?? "add `environments/\(name).yml` beside the server's file, then `runner reload`"
        )
    }

    /// The newest release of a version; without one, the newest that the environment's repositories have.
    package func release(_ version: String?, for environment: DeployEnvironment) async throws -> ReleaseRow {
        let allowed = environment.repositories
        let known = try await database.releases(version: version, limit: 1000)
        if let release = known.first(where: { allowed.isEmpty || allowed.contains($0.repository) }) { return release }
        throw RunnerError(
            .input,
            version.map { "there is no release `\($0)`" } ?? "there is no release",
            why: "a run whose pipeline deploys makes one: none has yet",
            hint: "runner environments"
        )
    }

    static func unknown(_ deployment: Int64) -> RunnerError {
        RunnerError(.input, "there is no open deployment \(deployment)", hint: "runner status")
    }

    func retire(_ place: Fleet.Place, in environment: DeployEnvironment) async throws {
        guard let id = place.release, let release = try await database.release(id) else { return }
        let performer = StepPerformer(
            environment: environment,
            deployment: 0,
            kept: try await kept(release),
            facts: try await scriptFacts(environment),
            shells: try await shells(environment),
            data: try await data(environment) { _ in },
            migratedSince: .max,
            earlier: { _ in nil },
            say: { _ in }
        )
        try await performer.deactivate(place.instance)
        try await database.put([try PlaceRow(Fleet.Place(place.instance), retireAt: nil)], of: environment.name)
        logger.info(
            "idle slot ended",
            metadata: ["environment": "\(environment.name)", "instance": "\(place.instance)"]
        )
    }
}
