import RunnerCore

/// What a strategy does with targets and traffic.
struct StrategySteps {
    let environment: DeployEnvironment
    let fleet: Fleet
    let version: String
    let parts: RolloutProgram.Parts

    /// Where the release must be before the first step.
    var receivers: [DeployInstance] {
        switch environment.strategy {
        case .allAtOnce, .rolling: all
        case .blueGreen: newSlots
        case .canary: hasSlots ? newSlots : all
        }
    }

    /// Whether the version still runs in the idle slot of each target.
    var runsAlready: Bool { hasSlots && newSlots.allSatisfy { fleet[$0]?.version == version } }

    private var all: [DeployInstance] {
        let all = fleet.places.map(\.instance)
        return parts.isRollback ? all.reversed() : all
    }

    func steps() -> [RolloutStep] {
        switch environment.strategy {
        case .allAtOnce: allAtOnce()
        case .rolling(let batch, let pause): rolling(batch, pause)
        case .blueGreen: blueGreen()
        case .canary(let steps): hasSlots ? slotCanary(steps) : targetCanary(steps)
        }
    }

    // MARK: - Strategies

    private func allAtOnce() -> [RolloutStep] {
        [.activate(all)] + check(all) + firstShift() + smoke([])
    }

    private func rolling(_ batch: RolloutStrategy.Portion, _ pause: Duration) -> [RolloutStep] {
        var steps: [RolloutStep] = []
        let size = batch.count(of: all.count)
        for start in stride(from: 0, to: all.count, by: size) {
            let instances = Array(all[start..<min(start + size, all.count)])
            if start > 0, pause > .zero, !parts.isRollback { steps.append(.pause(pause)) }
            steps += replace(instances, weights: usual)
        }
        return steps + firstShift() + smoke([])
    }

    private func blueGreen() -> [RolloutStep] {
        begin(newSlots) + shift(weights(newPercent: 100))
    }

    private func begin(_ slots: [DeployInstance]) -> [RolloutStep] {
        (runsAlready ? [] : [.activate(slots)]) + check(slots) + smoke(slots)
    }

    private func slotCanary(_ canary: [RolloutStrategy.CanaryStep]) -> [RolloutStep] {
        var steps = begin(newSlots)
        // Without anything stable there is nothing to be careful with.
        if !oldSlots.isEmpty, !parts.isRollback {
            for step in canary {
                steps += shift(weights(newPercent: step.weight))
                steps.append(.judge(hold: step.hold, new: newSlots, stable: oldSlots))
            }
        }
        return steps + shift(weights(newPercent: 100))
    }

    /// Without slots, some targets are the canaries.
    private func targetCanary(_ canary: [RolloutStrategy.CanaryStep]) -> [RolloutStep] {
        let isFirst = fleet.places.allSatisfy { $0.version == nil }
        guard !isFirst else { return allAtOnce() }
        guard !parts.isRollback else { return rolling(.count(1), .zero) }
        var steps: [RolloutStep] = []
        var done = 0
        for step in canary {
            let count = min(max(1, all.count * step.weight / 100), max(1, all.count - 1))
            let share = targetWeights(all, new: max(done, count), percent: step.weight)
            if count > done {
                steps += replace(Array(all[done..<count]), weights: share)
                done = count
            } else {
                steps += shift(share)
            }
            steps.append(.judge(hold: step.hold, new: Array(all[..<done]), stable: Array(all[done...])))
        }
        for index in done..<all.count {
            steps += replace([all[index]], weights: targetWeights(all, new: index + 1, percent: nil))
        }
        return steps + shift(usual) + smoke([])
    }

    // MARK: - Pieces

    /// Takes instances out of the traffic, replaces what they run, and puts them back with `weights`.
    private func replace(_ instances: [DeployInstance], weights: RolloutWeights) -> [RolloutStep] {
        var steps: [RolloutStep] = []
        if environment.traffic != nil, !fleet.weights.isEmpty {
            var without = fleet.weights
            for instance in instances { without[instance] = 0 }
            // All at once out of the traffic would be nobody left.
            if !without.isEmpty { steps.append(.shift(without)) }
        }
        steps.append(.activate(instances))
        steps += check(instances)
        if environment.traffic != nil, !fleet.weights.isEmpty { steps.append(.shift(weights)) }
        return steps
    }

    private func check(_ instances: [DeployInstance]) -> [RolloutStep] {
        parts.isChecked ? [.verify(instances)] : []
    }

    private func smoke(_ instances: [DeployInstance]) -> [RolloutStep] { parts.hasSmoke ? [.smoke(instances)] : [] }

    private func shift(_ weights: RolloutWeights) -> [RolloutStep] {
        environment.traffic == nil ? [] : [.shift(weights)]
    }

    /// For an environment that had no traffic yet.
    private func firstShift() -> [RolloutStep] { fleet.weights.isEmpty ? shift(usual) : [] }

    private func weight(of instance: DeployInstance) -> Int {
        environment.targets.first { $0.name == instance.target }?.weight ?? 100
    }

    /// As the file has them.
    private var usual: RolloutWeights { RolloutWeights(fleet.places.map { ($0.instance, weight(of: $0.instance)) }) }

    // MARK: - Slots

    private var hasSlots: Bool { fleet.places.contains { $0.instance.slot != nil } }

    /// Of each target the slot with traffic.
    private var oldSlots: [DeployInstance] {
        environment.targets.compactMap { target in
            fleet.places.filter { $0.instance.target == target.name && $0.version != nil && $0.weight > 0 }
                .max { $0.weight < $1.weight }?.instance
        }
    }

    /// Of each target the other one; the first where none has traffic.
    private var newSlots: [DeployInstance] {
        environment.targets.map { target in
            let old = oldSlots.first { $0.target == target.name }?.slot
            return DeployInstance(target.name, old?.other ?? .blue)
        }
    }

    private func weights(newPercent percent: Int) -> RolloutWeights {
        let (new, old) = (Set(newSlots), Set(oldSlots))
        return RolloutWeights(
            fleet.places.map { place in
                let weight = weight(of: place.instance)
                if new.contains(place.instance) { return (place.instance, weight * percent) }
                if old.contains(place.instance) { return (place.instance, weight * (100 - percent)) }
                return (place.instance, 0)
            }
        )
    }

    /// `new` targets, the first, get a share together; as many percent as given, or as the file has it.
    private func targetWeights(_ all: [DeployInstance], new: Int, percent: Int?) -> RolloutWeights {
        guard let percent, new < all.count else { return usual }
        let (fresh, stable) = (all[..<new], all[new...])
        let freshSum = fresh.reduce(0) { $0 + weight(of: $1) }
        let stableSum = stable.reduce(0) { $0 + weight(of: $1) }
        // Each group gets its percentage, shared within it as the file has it.
        return RolloutWeights(
            fresh.map { ($0, weight(of: $0) * stableSum * percent) }
                + stable.map { ($0, weight(of: $0) * freshSum * (100 - percent)) }
        )
    }
}
