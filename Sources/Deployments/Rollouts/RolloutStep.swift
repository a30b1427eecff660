package import RunnerCore
import RunnerExecution

/// One thing that a rollout does. Each may be done twice, with the same end as once: that is how one goes on after a crash.
package enum RolloutStep: Sendable, Hashable, Codable {
    case backup
    case migrate
    /// Takes back what the deployment migrated.
    case migrateBack
    /// Brings the release there, beside what runs.
    case prepare([DeployInstance])
    /// Makes the release run.
    case activate([DeployInstance])
    /// Waits until each is healthy.
    case verify([DeployInstance])
    /// Shares the traffic, and gives requests under way their time.
    case shift(RolloutWeights)
    /// Runs the smoke script against these, or where there are none against the environment.
    case smoke([DeployInstance])
    case pause(Duration)
    /// Holds a share of the traffic, and judges the new instances beside the stable ones.
    case judge(hold: Duration, new: [DeployInstance], stable: [DeployInstance])
    /// Looks on for the bake time.
    case watch(Duration)
    /// Makes what ran before run again.
    case restore([Fleet.Place])
    /// Ends what gets no traffic.
    case retire([DeployInstance])
}

extension RolloutStep: CustomStringConvertible {
    package var description: String {
        switch self {
        case .backup: "back the database up"
        case .migrate: "migrate the database"
        case .migrateBack: "take the migrations back"
        case .prepare(let instances): "bring the release to \(Self.list(instances))"
        case .activate(let instances): "activate it on \(Self.list(instances))"
        case .verify(let instances): "wait until \(Self.list(instances)) is healthy"
        case .shift(let weights): "send traffic to \(Self.list(weights))"
        case .smoke(let instances):
            instances.isEmpty ? "run the smoke test" : "run the smoke test against \(Self.list(instances))"
        case .pause(let duration): "pause for \(duration.words)"
        case .judge(let hold, let new, _): "hold for \(hold.words) and judge \(Self.list(new))"
        case .watch(let bake): "watch for \(bake.words)"
        case .restore(let places):
            "go back to " + places.map { "\($0.version ?? "nothing") on \($0.instance)" }.joined(separator: ", ")
        case .retire(let instances): "end \(Self.list(instances))"
        }
    }

    private static func list(_ instances: [DeployInstance]) -> String {
        instances.map(\.description).joined(separator: ", ")
    }

    private static func list(_ weights: RolloutWeights) -> String {
        let all = weights.shares.reduce(0) { $0 + $1.weight }
        let used = weights.shares.filter { $0.weight > 0 }
        guard all > 0, let first = used.first else { return "nothing" }
        if used.allSatisfy({ $0.weight == first.weight }) { return list(used.map(\.instance)) }
        return used.map { "\($0.instance) \(($0.weight * 100 + all / 2) / all) %" }.joined(separator: ", ")
    }
}
