package import RunnerCore

/// What runs where in an environment, and how much of the traffic each gets.
package struct Fleet: Sendable, Hashable, Codable {
    package struct Place: Sendable, Hashable, Codable {
        package var instance: DeployInstance
        /// The version that runs there; `nil` where nothing does.
        package var version: String?
        /// The row of that release.
        package var release: Int64?
        /// Its share of the traffic beside the others; 0 gets none.
        package var weight: Int

        package init(_ instance: DeployInstance, version: String? = nil, release: Int64? = nil, weight: Int = 0) {
            self.instance = instance
            self.version = version
            self.release = release
            self.weight = weight
        }
    }

    /// In the order of the targets, each slot of one after the other.
    package var places: [Place]

    package init(_ places: [Place]) { self.places = places }

    /// The places that the targets of an environment have, with what is known of them.
    package init(of environment: DeployEnvironment, known: [Place]) {
        let before = Dictionary(known.map { ($0.instance, $0) }) { first, _ in first }
        places = environment.targets.flatMap { target in
            target.instances(of: environment.strategy).map { before[$0] ?? Place($0) }
        }
    }

    package subscript(_ instance: DeployInstance) -> Place? { places.first { $0.instance == instance } }

    package var weights: RolloutWeights { RolloutWeights(places.map { ($0.instance, $0.weight) }) }

    /// What a finished step made of it.
    package mutating func apply(_ step: RolloutStep, version: String, release: Int64?) {
        for index in places.indices {
            let instance = places[index].instance
            switch step {
            case .activate(let instances):
                if instances.contains(instance) { (places[index].version, places[index].release) = (version, release) }
            case .restore(let places):
                if let place = places.first(where: { $0.instance == instance }) {
                    (self.places[index].version, self.places[index].release) = (place.version, place.release)
                }
            case .retire(let instances):
                if instances.contains(instance) { (places[index].version, places[index].release) = (nil, nil) }
            case .shift(let weights): places[index].weight = weights[instance]
            case .backup, .migrate, .migrateBack, .prepare, .verify, .smoke, .pause, .judge, .watch: break
            }
        }
    }
}

extension DeployTarget {
    /// The places that a strategy uses: both slots, or the target as a whole.
    package func instances(of strategy: RolloutStrategy) -> [DeployInstance] {
        guard !slots.isEmpty else { return [DeployInstance(name)] }
        switch strategy {
        case .allAtOnce, .rolling: return [DeployInstance(name)]
        case .blueGreen, .canary: return slots.keys.sorted().map { DeployInstance(name, $0) }
        }
    }

    /// Where an instance of it answers.
    package func address(of instance: DeployInstance) -> String? {
        instance.slot.map { slots[$0] } ?? address
    }
}

/// How the traffic is shared: for every instance, also those that get none.
package struct RolloutWeights: Sendable, Hashable, Codable {
    package struct Share: Sendable, Hashable, Codable {
        package var instance: DeployInstance
        package var weight: Int
    }

    package var shares: [Share]

    package init(_ shares: [(DeployInstance, Int)]) {
        self.shares = shares.map { Share(instance: $0.0, weight: $0.1) }
    }

    package subscript(_ instance: DeployInstance) -> Int {
        get { shares.first { $0.instance == instance }?.weight ?? 0 }
        set {
            if let index = shares.firstIndex(where: { $0.instance == instance }) { shares[index].weight = newValue }
        }
    }

    /// Whether anything gets traffic at all: no proxy takes an empty list.
    package var isEmpty: Bool { shares.allSatisfy { $0.weight == 0 } }

    package var byInstance: [DeployInstance: Int] {
        Dictionary(shares.map { ($0.instance, $0.weight) }) { first, _ in first }
    }

    /// Instances that had traffic and get none any more.
    package func emptied(since before: RolloutWeights) -> [DeployInstance] {
        shares.filter { $0.weight == 0 && before[$0.instance] > 0 }.map(\.instance)
    }
}
