import Deployments
import FoundationEssentials
import RunnerCore
import RunnerExecution
import RunnerStore
import SystemPackage

/// Does what the steps of one rollout say. Each may be done twice.
struct StepPerformer: Sendable {
    /// A release with its files on this machine, where they are still kept.
    struct Kept: Sendable {
        let release: DeployRelease
        let files: FilePath?
    }

    let environment: DeployEnvironment
    let deployment: Int64
    let kept: Kept
    /// Variables of the environment and its secrets, for every script.
    let facts: [String: String]
    let shells: DeployShells
    let data: DataWork
    /// Migrations of deployments after it are what a way back takes back.
    let migratedSince: Int64
    /// Of releases that run, or ran, on targets.
    let earlier: @Sendable (Int64) async throws -> Kept?
    let say: @Sendable (String) -> Void

    /// How a step ended that did not fail.
    enum End: Sendable {
        case done
        /// Nobody can say whether things are good: a person must look.
        case unknown(String)
    }

    func perform(_ step: RolloutStep, fleet: Fleet) async throws -> End {
        switch step {
        case .backup: try await data.backUp(because: "deployment \(deployment)")
        case .migrate: try await data.migrate(kept, for: deployment)
        case .migrateBack: try await data.migrateBack(kept, since: migratedSince)
        case .prepare(let instances):
            try await each(Self.oneOfEachTarget(instances)) { try await work(kept).prepare($0) }
        case .activate(let instances): try await each(instances) { try await work(kept).activate($0) }
        case .verify(let instances): try await verify(instances)
        case .shift(let weights): try await shift(weights, from: fleet.weights)
        case .smoke(let instances): try await smoke(instances)
        case .pause(let duration): try await Task.sleep(for: duration)
        case .judge(let hold, let new, let stable): return try await watch(hold, new: new, stable: stable)
        case .watch(let bake):
            let used = fleet.places.filter { $0.weight > 0 || $0.instance.slot == nil }.map(\.instance)
            return try await watch(bake, new: used, stable: [])
        case .restore(let places): try await restore(places)
        case .retire(let instances): try await retire(instances, fleet)
        }
        return .done
    }

    // MARK: - Instances

    private func work(_ kept: Kept) -> ReleaseWork {
        ReleaseWork(
            environment: environment,
            release: kept.release,
            artifact: kept.files,
            facts: facts,
            shells: shells,
            say: say
        )
    }

    private func restore(_ places: [Fleet.Place]) async throws {
        for place in places {
            guard let id = place.release, let kept = try await earlier(id) else {
                throw DeployFailure(
                    .input,
                    "cannot go back to \(place.version ?? "what ran") on \(place.instance)",
                    why: "nobody knows that release any more"
                )
            }
            try await work(kept).prepare(place.instance)
            try await work(kept).activate(place.instance)
        }
    }

    /// What runs there, ended with its own release's facts.
    private func retire(_ instances: [DeployInstance], _ fleet: Fleet) async throws {
        for instance in instances {
            let known = try await fleet[instance]?.release.flatMapAsync(earlier)
            try await work(known ?? kept).deactivate(instance)
        }
    }

    func tidy(_ target: String) async throws { try await work(kept).tidy(target) }

    func deactivate(_ instance: DeployInstance) async throws { try await work(kept).deactivate(instance) }

    private func verify(_ instances: [DeployInstance]) async throws {
        guard let check = environment.health else { return }
        let look = shells.look(environment, check, facts)
        let wait = HealthWait(look)
        do {
            try await each(instances) { try await wait.untilHealthy($0, say: say) }
            await look.close()
        } catch {
            await look.close()
            throw error
        }
    }

    private func shift(_ weights: RolloutWeights, from before: RolloutWeights) async throws {
        guard let driver = environment.traffic else { return }
        try await TrafficControl(driver, environment: environment, shells: shells, facts: facts).set(weights.byInstance)
        // After a crash nobody knows how long ago that was.
        if !weights.emptied(since: before).isEmpty { try await Task.sleep(for: driver.drain) }
    }

    private func smoke(_ instances: [DeployInstance]) async throws {
        guard let script = environment.smoke else { return }
        let addresses = instances.compactMap { environment.address(of: $0)?.text }
        var facts = facts
        facts["RUNNER_URL"] = environment.url ?? ""
        for address in addresses.isEmpty ? [""] : addresses {
            facts["RUNNER_ADDRESS"] = address
            _ = try await shells.shell(.local).demand("pass the smoke test", script, environment: facts, onLine: say)
        }
    }

    private func watch(_ bake: Duration, new: [DeployInstance], stable: [DeployInstance]) async throws -> End {
        guard let settings = environment.watch else {
            // Held for its time, and looked at as a rollout does.
            try await Task.sleep(for: bake)
            try await verify(new)
            return .done
        }
        let watch = ReleaseWatch(
            settings,
            environment: environment,
            version: kept.release.version,
            facts: facts,
            shells: shells,
            say: say
        )
        switch try await watch.run(bake, new: new, stable: stable) {
        case .good: return .done
        case .bad(let words): throw DeployFailure(.unhealthy, "\(kept.release.version) turned bad", why: words)
        case .unknown(let words): return .unknown(words)
        }
    }

    /// All at the same time; the first that fails ends the others.
    private func each(
        _ instances: [DeployInstance],
        _ body: @escaping @Sendable (DeployInstance) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for instance in instances { group.addTask { try await body(instance) } }
            try await group.waitForAll()
        }
    }

    /// Slots of one target share its releases.
    private static func oneOfEachTarget(_ instances: [DeployInstance]) -> [DeployInstance] {
        var seen: Set<String> = []
        return instances.filter { seen.insert($0.target).inserted }
    }
}

extension Optional {
    fileprivate func flatMapAsync<Value>(_ body: (Wrapped) async throws -> Value?) async rethrows -> Value? {
        guard let self else { return nil }
        return try await body(self)
    }
}
