/// How a release takes the place of the one before.
package enum RolloutStrategy: Sendable, Hashable, Codable {
    /// Every target at the same time.
    case allAtOnce
    /// Some targets after the other; each batch is healthy before the next begins.
    case rolling(batch: Portion, pause: Duration)
    /// Each target has two slots: the idle ones get the release, then all traffic is switched at once. The old ones run on
    /// for `keep`, so that going back is one switch.
    case blueGreen(keep: Duration)
    /// A growing share of the traffic goes to the new release, each step is held and judged.
    case canary([CanaryStep])

    /// Of all targets, at least one.
    package enum Portion: Sendable, Hashable, Codable {
        case count(Int)
        /// From 1 to 100.
        case percent(Int)

        package func count(of all: Int) -> Int {
            switch self {
            case .count(let count): min(max(1, count), max(1, all))
            case .percent(let percent): min(max(1, all * percent / 100), max(1, all))
            }
        }
    }

    package struct CanaryStep: Sendable, Hashable, Codable {
        /// In percent of all traffic, from 1 to 99.
        package var weight: Int
        package var hold: Duration

        package init(weight: Int, hold: Duration) {
            self.weight = weight
            self.hold = hold
        }
    }

    /// As the file has it.
    package var name: String {
        switch self {
        case .allAtOnce: "all-at-once"
        case .rolling: "rolling"
        case .blueGreen: "blue-green"
        case .canary: "canary"
        }
    }
}
