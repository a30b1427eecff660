package import RunnerCore
import RunnerExecution

/// Whether a release stays good: a pure value over readings and time. Three answers: good, bad, and that nobody can say.
///
/// | a reading | is |
/// |---|---|
/// | beyond the bound, `failures` times in a row | bad: the end |
/// | beyond the bound, less often | not good yet: the clock stands still |
/// | within the bound | good: the clock goes on |
/// | none, not a number, or the source does not answer | unknown: the clock stands still |
///
/// Time counts towards the bake only while every rule is good. Where that takes too long it ends as unknown.
package struct WatchJudge: Sendable {
    package enum Verdict: Sendable, Hashable {
        case watching
        case good
        case bad(String)
        case unknown(String)
    }

    private let bake: Duration
    private let patience: Duration
    private let rules: [WatchRule]
    private var rows: [String: Int] = [:]
    private(set) package var baked = Duration.zero
    private var passed = Duration.zero
    private var wasGood = false
    /// Why the clock stands still.
    private(set) package var trouble: String?

    /// `patience` is how long it takes at most, with the time that does not count.
    package init(_ rules: [WatchRule], bake: Duration, patience: Duration? = nil) {
        self.rules = rules
        self.bake = bake
        self.patience = patience ?? bake * 3 + .seconds(600)
    }

    /// A reading of each rule, as long after the one before; `stable` are those of the stable instances. A rule without a
    /// reading is unknown.
    package mutating func take(
        _ readings: [String: WatchReading],
        stable: [String: WatchReading] = [:],
        after time: Duration
    ) -> Verdict {
        passed += time
        if wasGood { baked += time }
        var isGood = true
        trouble = nil
        for rule in rules {
            switch readings[rule.name] ?? .noData("nobody asked") {
            case .value(let value) where value.isNaN: unknown(rule, "not a number", &isGood)
            case .value(let value) where rule.bound.breaks(value) && !Self.isExcused(rule, value, stable[rule.name]):
                rows[rule.name, default: 0] += 1
                let words = "\(rule.name) is \(Self.words(value)), \(rule.bound.words)"
                if rows[rule.name, default: 0] >= rule.failures { return .bad(words) }
                isGood = false
                trouble = words
            case .value: rows[rule.name] = 0
            case .noData(let reason), .failed(let reason): unknown(rule, reason, &isGood)
            }
        }
        wasGood = isGood
        if isGood, baked >= bake { return .good }
        if passed >= patience { return .unknown(trouble ?? "not good for long enough within \(patience.words)") }
        return .watching
    }

    /// One that does not answer is no bad one: bad answers in a row stay in a row.
    private mutating func unknown(_ rule: WatchRule, _ reason: String, _ isGood: inout Bool) {
        isGood = false
        trouble = "\(rule.name) is not known: \(reason)"
    }

    /// Compared with the stable instances, what is no worse than theirs is not the release's fault.
    private static func isExcused(_ rule: WatchRule, _ value: Double, _ stable: WatchReading?) -> Bool {
        guard rule.comparesWithStable, case .value(let other)? = stable, !other.isNaN else { return false }
        return switch rule.bound {
        case .above: value <= other
        case .below: value >= other
        }
    }

    private static func words(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
    }
}

extension WatchRule.Bound {
    package func breaks(_ value: Double) -> Bool {
        switch self {
        case .above(let bound): value > bound
        case .below(let bound): value < bound
        }
    }

    package var words: String {
        switch self {
        case .above(let bound): "more than \(bound)"
        case .below(let bound): "less than \(bound)"
        }
    }
}
