import RunnerCore

/// What one reading says of a release.
enum WatchJudgement: Sendable, Hashable {
    case good
    case bad(String)
    case unknown(String)
}

extension WatchRule {
    /// `stable` is what it reads for the instances of before; `nil` where there are none beside it.
    func judge(_ reading: WatchReading, stable: WatchReading?) -> WatchJudgement {
        guard case .value(let value) = reading else { return .unknown(reading.words) }
        guard bound.isBeyond(value) else { return .good }
        let words = "`\(name)` is \(reading.words), \(bound.words)"
        guard comparesWithStable, let stable else { return .bad(words) }
        guard case .value(let other) = stable else {
            return .unknown("\(words), and the stable instances have \(stable.words)")
        }
        guard bound.isWorse(value, than: other) else { return .good }
        return .bad("\(words) and worse than the stable instances' \(stable.words)")
    }
}
