package import RunnerCore

/// The steps of a rollout, and of the way back from any of them: pure, so that a dry run shows what will be done.
package enum RolloutProgram {
    /// What is there to be done beside the targets.
    package struct Parts: Sendable, Hashable {
        package var backsUp = false
        package var migrates = false
        package var isChecked = false
        package var hasSmoke = false
        package var bake: Duration?
        /// The way to an earlier release: the last target first, nobody waits or is tried out; where it still runs in the
        /// idle slots, one switch is all.
        package var isRollback = false
        package var migratesBack = false

        package init() {}
    }

    /// The way forward to a release of this version.
    package static func forward(
        _ environment: DeployEnvironment,
        _ fleet: Fleet,
        version: String,
        _ parts: Parts
    ) -> [RolloutStep] {
        var steps: [RolloutStep] = []
        let planner = StrategySteps(environment: environment, fleet: fleet, version: version, parts: parts)
        if !planner.runsAlready { steps.append(.prepare(planner.receivers)) }
        if parts.backsUp { steps.append(.backup) }
        if parts.migrates { steps.append(.migrate) }
        steps += planner.steps()
        if parts.migratesBack { steps.append(.migrateBack) }
        if let bake = parts.bake, bake > .zero { steps.append(.watch(bake)) }
        return steps
    }

    /// Proves that a release could be gone back to, without a request noticing: in the idle slots it is started, looked at and
    /// ended; without slots its files are looked for on every target.
    package static func drill(
        _ environment: DeployEnvironment,
        _ fleet: Fleet,
        version: String,
        isChecked: Bool
    ) -> [RolloutStep] {
        let planner = StrategySteps(environment: environment, fleet: fleet, version: version, parts: Parts())
        let receivers = planner.receivers
        guard receivers.contains(where: { $0.slot != nil }) else { return [.prepare(receivers)] }
        let check: [RolloutStep] = isChecked ? [.verify(receivers)] : []
        return [.prepare(receivers), .activate(receivers)] + check + [.retire(receivers)]
    }

    /// The way back from the steps of a program up to and including one that was begun. What was before is found again in
    /// the opposite order. Empty where nothing was changed yet.
    package static func back(
        from program: [RolloutStep],
        begun: Int,
        before: Fleet,
        isChecked: Bool,
        takesMigrationsBack: Bool
    ) -> [RolloutStep] {
        var steps: [RolloutStep] = []
        var weights = before.weights
        var changes: [(step: RolloutStep, weightsBefore: RolloutWeights)] = []
        for step in program.prefix(begun + 1) {
            changes.append((step, weights))
            if case .shift(let next) = step { weights = next }
        }
        for (step, weightsBefore) in changes.reversed() {
            switch step {
            case .shift:
                // The first deployment of all has nobody to give the traffic back to.
                if !weightsBefore.isEmpty { steps.append(.shift(weightsBefore)) }
            case .activate(let instances):
                steps += restore(instances, before: before, isChecked: isChecked)
            case .migrate: if takesMigrationsBack { steps.append(.migrateBack) }
            case .backup, .migrateBack, .prepare, .verify, .smoke, .pause, .judge, .watch, .restore, .retire: break
            }
        }
        return steps
    }

    private static func restore(_ instances: [DeployInstance], before: Fleet, isChecked: Bool) -> [RolloutStep] {
        var steps: [RolloutStep] = []
        // In the opposite order, too.
        let places = instances.reversed().compactMap { before[$0] }
        // A slot without traffic was idle: what it ran is not missed.
        let served = places.filter { $0.version != nil && ($0.instance.slot == nil || $0.weight > 0) }
        let idle = places.filter { place in !served.contains(place) }
        if !idle.isEmpty { steps.append(.retire(idle.map(\.instance))) }
        guard !served.isEmpty else { return steps }
        steps.append(.restore(served))
        if isChecked { steps.append(.verify(served.map(\.instance))) }
        return steps
    }
}
