import Deployments
import FoundationEssentials
import Git
import RunnerCore
import RunnerExecution
import RunnerStore

/// Gathers what gates look at: from the database and the mirrors, at one time.
struct DeployFacts: Sendable {
    let database: RunnerDatabase
    /// Of a repository, by name.
    let mirror: @Sendable (String) async -> Mirror?
    /// Of the server's file as it is now.
    let environments: [String: EnvironmentFile]

    /// For a deployment that was asked for.
    func facts(of row: DeploymentRow, in environment: DeployEnvironment, at now: Date) async throws -> GateFacts {
        let marks = try await database.marks(of: row.id)
        var facts = GateFacts(
            environment: environment,
            release: DeployRelease(row.release),
            now: now,
            askedBy: row.askedBy,
            askedAt: row.askedAt,
            planHash: row.planHash
        )
        for mark in marks { facts.take(mark) }
        try await fill(&facts, row.release, asking: row.run)
        let open = try await database.openDeployments()
        facts.holder = open.first { $0.environment == row.environment && $0.id != row.id && $0.status != .waiting }
            .map { "deployment \($0.id)" }
        return facts
    }

    /// For a release that nobody asked to deploy yet.
    func facts(of release: ReleaseRow, in environment: DeployEnvironment, at now: Date) async throws -> GateFacts {
        var facts = GateFacts(
            environment: environment,
            release: DeployRelease(release),
            now: now,
            askedBy: "",
            askedAt: now,
            planHash: ""
        )
        try await fill(&facts, release, asking: nil)
        facts.holder = try await database.openDeployments()
            .first { $0.environment == environment.name && $0.status != .waiting }.map { "deployment \($0.id)" }
        return facts
    }

    private func fill(_ facts: inout GateFacts, _ release: ReleaseRow, asking run: RunNumber?) async throws {
        let environment = facts.environment
        let live = try await database.live()
        let here = live.first { $0.environment == environment.name }
        facts.live = here.map { DeployRelease($0.release) }
        if let here { facts.ancestry = await ancestry(of: release, to: here.release) }
        facts.isTagMoved = try await isTagMoved(release)
        for pipeline in environment.protection.passed {
            facts.passed[pipeline] = try await evidence(pipeline, release, asking: run)
        }
        if let rule = environment.protection.after {
            facts.soak = try await soak(rule, release, live.first { $0.environment == rule.environment }, facts.now)
        }
        facts.freezes = try await database.freezes(of: environment.name, at: facts.now).map {
            GateFacts.Freeze(until: $0.until, reason: $0.reason, by: $0.actor)
        }
    }

    private func ancestry(of release: ReleaseRow, to live: ReleaseRow) async -> GateFacts.Ancestry {
        if release.commit == live.commit { return .same }
        guard release.repository == live.repository, let mirror = await mirror(release.repository),
            let mine = ObjectID(release.commit), let theirs = ObjectID(live.commit)
        else {
            return .unknown
        }
        do {
            let repository = mirror.store.repository
            if try await repository.isAncestor(theirs, of: mine) { return .descends }
            return try await repository.isAncestor(mine, of: theirs) ? .behind : .diverged
        } catch {
            // A commit that is gone says nothing.
            return .unknown
        }
    }

    /// Whether another commit had the version before: a release of the same tag, or a move that was seen.
    private func isTagMoved(_ release: ReleaseRow) async throws -> Bool {
        guard release.ref.hasPrefix("refs/tags/") else { return false }
        let same = try await database.releases(version: release.version)
        if same.contains(where: { $0.repository == release.repository && $0.commit != release.commit }) { return true }
        return try await database.hasMoved(tag: release.ref, repository: release.repository)
    }

    private func evidence(
        _ pipeline: String,
        _ release: ReleaseRow,
        asking: RunNumber?
    ) async throws -> GateFacts.Evidence? {
        let run = try await database.newestRun(of: pipeline, repository: release.repository, tree: release.tree)
        guard let run else { return nil }
        switch run.status {
        case .finished(.succeeded): return .succeeded(run: run.number.value)
        case .finished(let outcome): return .ended(run: run.number.value, outcome: outcome.words)
        case .pending, .waiting: return .running(run: run.number.value)
        case .running:
            // The run that wants to deploy waits for us: what it needs for that has succeeded, and nothing else may be open.
            guard run.number == asking else { return .running(run: run.number.value) }
            let stages = try await database.stages(of: run.number)
            let isOpen = stages.contains { $0.status == .running }
            let hasFailed = stages.contains {
                if case .finished(let outcome) = $0.status { outcome.isFailure } else { false }
            }
            if hasFailed { return .ended(run: run.number.value, outcome: Outcome.failed.words) }
            return isOpen ? .running(run: run.number.value) : .succeeded(run: run.number.value)
        }
    }

    private func soak(
        _ rule: Protection.Soak,
        _ release: ReleaseRow,
        _ live: LiveRow?,
        _ now: Date
    ) async throws -> GateFacts.Soak {
        let spans = try await database.healthSpans(of: rule.environment, like: release)
        let healthy = spans.filter(\.isHealthy).reduce(0) { $0 + $1.until.timeIntervalSince($1.since) }
        let isLive = live.map { $0.release.isSame(as: release) } ?? false
        return GateFacts.Soak(
            healthy: .seconds(healthy),
            isLive: isLive,
            isHealthyNow: isLive && (spans.last?.isHealthy ?? false),
            other: isLive ? nil : live?.release.version
        )
    }
}

extension ReleaseRow {
    /// The same bytes, whatever they are called.
    func isSame(as other: ReleaseRow) -> Bool {
        repository == other.repository && tree == other.tree && artifactDigest == other.artifactDigest
    }
}

extension DeployRelease {
    init(_ row: ReleaseRow) {
        self.init(
            repository: row.repository,
            version: row.version,
            ref: row.ref,
            commit: row.commit,
            tree: row.tree,
            author: row.author,
            artifact: row.artifactDigest.isEmpty ? nil : .init(name: row.artifactName, digest: row.artifactDigest)
        )
    }
}

extension GateFacts {
    fileprivate mutating func take(_ mark: GateMark) {
        switch mark.kind {
        case .approved, .rejected:
            approvals.append(
                Approval(
                    who: mark.actor,
                    role: mark.role ?? .viewer,
                    isApproval: mark.kind == .approved,
                    planHash: mark.planHash,
                    reason: mark.reason
                )
            )
        case .signed, .checked:
            answers.append(
                Answer(
                    item: mark.subject,
                    by: mark.kind == .checked ? RunnerDatabase.itself : mark.actor,
                    isGood: mark.isGood,
                    planHash: mark.planHash,
                    detail: mark.reason
                )
            )
        case .overridden:
            if let gate = Protection.GateName(rawValue: mark.subject) {
                overrides.append(Override(gate: gate, by: mark.actor, reason: mark.reason))
            }
        }
    }
}
