import RunnerCore

extension WatchRule.Bound {
    func isBeyond(_ value: Double) -> Bool {
        switch self {
        case .above(let bound): value > bound
        case .below(let bound): value < bound
        }
    }

    func worst(of values: [Double]) -> Double? {
        switch self {
        case .above: values.max()
        case .below: values.min()
        }
    }

    func isWorse(_ value: Double, than other: Double) -> Bool {
        switch self {
        case .above: value > other
        case .below: value < other
        }
    }

    /// `above 5`.
    var words: String {
        switch self {
        case .above(let bound): "above \(WatchReading.words(bound))"
        case .below(let bound): "below \(WatchReading.words(bound))"
        }
    }
}
