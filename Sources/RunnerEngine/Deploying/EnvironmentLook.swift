import Deployments
import FoundationEssentials
import RunnerCore
import RunnerExecution
import RunnerStore

/// Looks at what is live, from time to time: how long an environment was healthy is what others wait for, and what ends with
/// its time is ended.
struct EnvironmentLook: Sendable {
    let desk: DeploymentDesk

    private static let interval = Duration.seconds(5)

    func run() async {
        while !Task.isCancelled {
            for file in await desk.environments.values {
                await desk.attempt("an environment is not looked at") { try await look(at: file.environment) }
            }
            // Canceled, the loop ends.
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func look(at environment: DeployEnvironment) async throws {
        try await retire(environment)
        try await desk.lookAtClock(environment)
        guard let check = environment.health,
            let live = try await desk.database.live().first(where: { $0.environment == environment.name })
        else {
            return
        }
        // While one rolls out, two releases answer: that is nobody's health.
        let isBusy = try await desk.database.openDeployments()
            .contains { $0.environment == environment.name && $0.status != .waiting }
        guard !isBusy else { return }
        let places = Fleet(
            of: environment,
            known: try await desk.database.places(of: environment.name).compactMap { try $0.known() }
        ).places.filter { $0.version != nil && ($0.instance.slot == nil || $0.weight > 0) }
        guard !places.isEmpty else { return }
        let health = await look(environment, check, places.map(\.instance))
        try await desk.database.noteHealth(
            of: environment.name,
            release: live.release.id,
            isHealthy: health.isGood,
            detail: health.detail,
            gap: Self.interval * 4 + check.timeout
        )
    }

    private func look(
        _ environment: DeployEnvironment,
        _ check: HealthCheck,
        _ instances: [DeployInstance]
    ) async -> (isGood: Bool, detail: String) {
        do {
            let facts = try await desk.scriptFacts(environment)
            let look = try await desk.shells(environment).look(environment, check, facts)
            let answers = await withTaskGroup(of: (DeployInstance, HealthAnswer).self) { group in
                for instance in instances { group.addTask { (instance, await look.look(at: instance)) } }
                var answers: [(DeployInstance, HealthAnswer)] = []
                for await answer in group { answers.append(answer) }
                return answers
            }
            await look.close()
            let bad = answers.filter { !$0.1.isGood }.sorted { $0.0 < $1.0 }
            guard !bad.isEmpty else { return (true, "\(answers.count) of \(answers.count) instances are healthy") }
            return (false, bad.map { "\($0.0): \($0.1.detail)" }.joined(separator: "; "))
        } catch {
            return (false, "cannot look: \(error)")
        }
    }

    /// Ends what ran before in slots that nobody goes back to any more.
    private func retire(_ environment: DeployEnvironment) async throws {
        let now = Date()
        for row in try await desk.database.places(of: environment.name) {
            guard let due = row.retireAt, due <= now, let place = try row.known() else { continue }
            let isBusy = try await desk.database.openDeployments()
                .contains { $0.environment == environment.name && $0.status != .waiting }
            guard !isBusy else { return }
            try await desk.retire(place, in: environment)
        }
    }
}
