import Deployments
import FoundationEssentials
import Git
import Logging
import RunnerCore
import RunnerExecution
import RunnerStore

/// What runs want, and what they are told.
extension DeploymentDesk {
    /// Makes a deployment of a wish, or says why there is none.
    func take(_ wish: RunnerDatabase.OpenWish) async throws {
        guard let run = try await database.run(wish.run) else { return try await database.close(wish) }
        guard let file = environments[wish.wish.environment] else {
            let known = environments.keys.sorted()
            let near = DidYouMean.suggestion(for: wish.wish.environment, among: known)
            let has = known.isEmpty ? "this server has none" : "this server has \(known.joined(separator: ", "))"
            let hint = near.map { ": did you mean \($0)?" } ?? ""
            return try await refuse(wish, "there is no environment `\(wish.wish.environment)`: \(has)\(hint)")
        }
        if case .directory = file.environment.release, wish.wish.artifact == nil {
            let words = "`deploy` names no artifact, and environment `\(file.environment.name)` deploys files"
            return try await refuse(wish, words)
        }
        let release = try await release(of: run, wish.wish.artifact)
        let plan = try await plan(.deploy, release, file)
        let id = try await database.add(
            NewDeployment(
                environment: file.environment.name,
                release: release,
                kind: .deploy,
                // A push has its author, a manual run the person who asked.
                askedBy: run.askedBy,
                run: wish.run,
                stage: wish.stage,
                definition: file.text,
                plan: try plan.text(),
                planHash: try plan.hash()
            )
        )
        logger.info(
            "deployment asked for",
            metadata: ["deployment": "\(id)", "environment": "\(file.environment.name)", "run": "\(wish.run)"]
        )
        changes.notify()
    }

    private func refuse(_ wish: RunnerDatabase.OpenWish, _ reason: String) async throws {
        try tell(wish.run, wish.stage, DeployAnswer(outcome: .errored, reason: reason))
        try await database.close(wish)
    }

    /// Tells the run of a deployment that has ended.
    func answer(_ row: DeploymentRow) async throws {
        if let run = row.run, let stage = row.stage, case .finished(let outcome) = row.status {
            var outputs = ["deployment": "\(row.id)", "version": row.release.version, "environment": row.environment]
            if let url = Self.environment(of: row)?.url { outputs["url"] = url }
            // A stage has no such end of its own.
            let told = outcome == .superseded ? Outcome.canceled : outcome
            try tell(run, stage, DeployAnswer(outcome: told, reason: row.reason, outputs: outputs))
        }
        try await database.noteAnswered(row.id)
    }

    /// The answer first, then the word: nothing for a run that is over.
    private func tell(_ run: RunNumber, _ stage: StageID, _ answer: DeployAnswer) throws {
        let directory = state.run(run)
        guard FileSystem.exists(directory.inbox), !FileSystem.exists(directory.result) else { return }
        let place = directory.stage(stage)
        try FileSystem.makeDirectories(place.path)
        try JSON.write(answer, to: place.deployment, durable: true)
        try Inbox(directory.inbox).send(.deployed)
    }

    /// What a run has made, as a release.
    func release(of run: RunRow, _ artifact: ArtifactReference?) async throws -> ReleaseRow {
        let commit = run.event.commit
        let author = run.event.author
        return ReleaseRow(
            repository: run.repository,
            version: Self.version(of: run.event),
            ref: run.event.ref,
            commit: commit?.description ?? "",
            tree: run.event.tree.description,
            author: author,
            artifactName: artifact?.name ?? "",
            artifactDigest: artifact?.digest.description ?? "",
            run: run.number
        )
    }

    /// A tag is its own version; a branch has as many as commits.
    static func version(of event: RunEvent) -> String {
        let isTag = event.ref.hasPrefix("refs/tags/")
        let name = event.shortRef.map { $0 == "/" ? "-" : String($0) }.joined()
        guard !isTag, let commit = event.commit else { return name }
        return "\(name)-\(commit.description.prefix(10))"
    }

    func plan(_ kind: DeploymentRow.Kind, _ release: ReleaseRow, _ file: EnvironmentFile) async throws -> DeployPlan {
        var migrations: [String] = []
        if kind == .deploy, file.environment.migrations != nil {
            // A database that does not answer now is asked again before anything begins; what it says then is another plan.
            let pending = try? await data(file.environment) { _ in }.pending(try await kept(release))
            migrations = (pending ?? []).map(\.planned)
        }
        return DeployPlan(
            environment: file.environment.name,
            kind: kind.rawValue,
            release: DeployRelease(release),
            configuration: Digest.sha256(file.text).description,
            migrations: migrations
        )
    }
}

extension RunRow {
    /// Who wanted it, for the rule that nobody approves what they asked for themselves.
    var askedBy: String {
        if event.kind == .manual, cause.hasPrefix("by ") { return String(cause.dropFirst("by ".count)) }
        return "run \(number)"
    }
}
