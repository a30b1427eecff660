import Deployments
import RunnerCore

/// Environments of four targets, or two with slots, and what a strategy makes of them.
enum Rollouts {
    static var parts: RolloutProgram.Parts {
        var parts = RolloutProgram.Parts()
        parts.isChecked = true
        return parts
    }

    static func environment(_ strategy: RolloutStrategy, slots: Bool) -> DeployEnvironment {
        let names = slots ? ["a", "b"] : ["a", "b", "c", "d"]
        let targets = names.enumerated().map { index, name in
            var target = DeployTarget(name: name, path: "/srv/\(name)", address: "127.0.0.1:80\(index)0")
            if slots { target.slots = [.blue: "127.0.0.1:80\(index)1", .green: "127.0.0.1:80\(index)2"] }
            return target
        }
        var environment = DeployEnvironment(name: "test", targets: targets, release: .directory(DirectoryRelease()))
        environment.strategy = strategy
        environment.traffic = TrafficDriver(.command("true"))
        return environment
    }

    static func plain(_ version: String?) -> Fleet {
        Fleet(
            ["a", "b", "c", "d"].map { .init(DeployInstance($0), version: version, weight: version == nil ? 0 : 100) }
        )
    }

    static func slots(blue: String? = nil, green: String? = nil, live: DeployTarget.Slot) -> Fleet {
        Fleet(
            ["a", "b"].flatMap { name -> [Fleet.Place] in
                [
                    .init(DeployInstance(name, .blue), version: blue, weight: live == .blue ? 100 : 0),
                    .init(DeployInstance(name, .green), version: green, weight: live == .green ? 100 : 0),
                ]
            }
        )
    }

    static func rollout(
        _ strategy: RolloutStrategy,
        _ fleet: Fleet,
        version: String = "2",
        _ parts: RolloutProgram.Parts = parts,
        takesMigrationsBack: Bool = false
    ) -> Rollout {
        let hasSlots = fleet.places.contains { $0.instance.slot != nil }
        let environment = environment(strategy, slots: hasSlots)
        return Rollout(
            RolloutProgram.forward(environment, fleet, version: version, parts),
            fleet: fleet,
            version: version,
            isChecked: true,
            takesMigrationsBack: takesMigrationsBack
        )
    }

    /// In words.
    static func forward(
        _ strategy: RolloutStrategy,
        _ fleet: Fleet,
        version: String = "2",
        _ parts: RolloutProgram.Parts = parts
    ) -> [String] {
        let steps = rollout(strategy, fleet, version: version, parts).program.map(\.description)
        // With traffic from the start, all at once leaves it alone.
        return steps
    }
}
