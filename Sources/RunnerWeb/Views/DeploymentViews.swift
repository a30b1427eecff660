import Deployments
import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerEngine
import RunnerStore

extension ReleaseView {
    init(_ row: ReleaseRow) {
        self.init(
            version: row.version,
            repository: row.repository,
            ref: row.ref,
            commit: row.commit,
            author: row.author,
            artifact: row.artifactName.isEmpty ? nil : row.artifactName,
            digest: row.artifactDigest.isEmpty ? nil : row.artifactDigest,
            run: row.run?.value
        )
    }
}

extension DeploymentView {
    init(_ row: DeploymentRow) throws {
        let rollout = try row.rollout.map { try JSON.decode(Rollout.self, from: Data($0.utf8)) }
        self.init(
            id: row.id,
            environment: row.environment,
            release: ReleaseView(row.release),
            kind: row.kind.rawValue,
            status: Status(row.status),
            outcome: row.outcome,
            reason: row.reason,
            askedBy: row.askedBy,
            askedAt: row.askedAt,
            run: row.run?.value,
            stage: row.stage?.description,
            plan: row.planHash,
            startedAt: row.startedAt,
            liveAt: row.liveAt,
            finishedAt: row.finishedAt,
            nextAt: row.nextAt,
            supersededBy: row.supersededBy,
            steps: rollout?.program.map(\.description) ?? [],
            step: rollout.flatMap { $0.step == nil ? nil : $0.position }
        )
    }
}

extension DeploymentView.Status {
    init(_ status: DeploymentRow.Status) {
        switch status {
        case .waiting: self = .waiting
        case .running: self = .running
        case .paused: self = .paused
        case .finished: self = .finished
        }
    }
}

extension DeploymentRow {
    fileprivate var outcome: Outcome? { if case .finished(let outcome) = status { outcome } else { nil } }
}

extension GateView {
    init(_ verdict: GateVerdict) {
        var view = GateView(
            gate: verdict.gate.rawValue,
            state: .passed,
            reason: verdict.words,
            owner: nil,
            next: nil,
            until: nil
        )
        switch verdict.state {
        case .passed: view.state = .passed
        case .waiting(_, let owner, let next, let until):
            view.state = .waiting
            (view.owner, view.next, view.until) = (owner, next, until)
        case .refused: view.state = .refused
        case .overridden: view.state = .overridden
        case .skipped: view.state = .skipped
        }
        self = view
    }
}

extension WhyView.Decision {
    init(_ decision: GateDecision) {
        switch decision {
        case .open: self = .open
        case .waits: self = .waits
        case .refused: self = .refused
        }
    }
}

extension EnvironmentView {
    /// As the database has it now.
    static func all(_ files: [EnvironmentFile], _ database: RunnerDatabase) async throws -> [EnvironmentView] {
        let live = try await database.live()
        let open = try await database.openDeployments()
        var views: [EnvironmentView] = []
        for environment in files.map(\.environment).sorted(by: { $0.name < $1.name }) {
            let here = live.first { $0.environment == environment.name }
            let health = try await database.lastHealth(of: environment.name)
            let known = try await database.places(of: environment.name).map {
                try JSON.decode(Fleet.Place.self, from: Data($0.place.utf8))
            }
            views.append(
                EnvironmentView(
                    name: environment.name,
                    url: environment.url,
                    strategy: environment.strategy.name,
                    live: here.map { ReleaseView($0.release) },
                    liveSince: here?.since,
                    deployment: here?.deployment,
                    isHealthy: health?.isHealthy,
                    health: health?.detail,
                    healthAt: health?.until,
                    places: Fleet(of: environment, known: known).places.map { place in
                        Place(
                            instance: place.instance.description,
                            address: environment.address(of: place.instance)?.text,
                            version: place.version,
                            weight: place.weight
                        )
                    },
                    open: try open.filter { $0.environment == environment.name }.map(DeploymentView.init),
                    freezes: try await database.freezes(of: environment.name).map { "\($0.reason) (by \($0.actor))" }
                )
            )
        }
        return views
    }
}
