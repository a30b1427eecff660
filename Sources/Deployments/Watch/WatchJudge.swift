package import RunnerCore
import RunnerExecution

/// Judges a release by its numbers, round after round. The bake clock runs only from one good round to the next:
/// neither what is bad nor what is not known counts as time in which it was good.
package struct WatchJudge: Sendable, Hashable {
    package enum Verdict: Sendable, Hashable {
        /// `left` of the bake time; `unclear` says which rules have no number, and why.
        case watching(left: Duration, unclear: String?)
        case good(String)
        case bad(rule: String, String)
        /// In all this time there was no verdict: a person has to look.
        case unknown(String)
    }

    private let settings: WatchSettings
    private let start: ContinuousClock.Instant
    /// The time in which it was good.
    package private(set) var baked: Duration
    /// The last round, where it was good.
    private var lastGood: ContinuousClock.Instant?
    private var badInARow: [String: Int] = [:]

    /// `baked` is what it had before the daemon was started anew.
    package init(_ settings: WatchSettings, start: ContinuousClock.Instant, baked: Duration = .zero) {
        self.settings = settings
        self.start = start
        self.baked = baked
    }

    /// By then it is over, one way or the other.
    package static func limit(_ settings: WatchSettings) -> Duration { settings.bake * 3 + .seconds(600) }

    /// Takes what each rule read, by its name. `stable` has what the rules read for the instances of before, in a
    /// canary.
    package mutating func take(
        _ readings: [String: WatchReading],
        stable: [String: WatchReading]? = nil,
        at now: ContinuousClock.Instant
    ) -> Verdict {
        var unclear: [String] = []
        var isGood = true
        var ended: Verdict?
        for rule in settings.rules {
            let reading = readings[rule.name] ?? .noData("not read")
            switch rule.judge(reading, stable: stable.map { $0[rule.name] ?? .noData("not read") }) {
            case .good: badInARow[rule.name] = 0
            case .unknown(let words):
                // Neither good nor bad: bad ones before and after it are still in a row.
                isGood = false
                unclear.append("`\(rule.name)`: \(words)")
            case .bad(let words):
                isGood = false
                let count = badInARow[rule.name, default: 0] + 1
                badInARow[rule.name] = count
                if count >= rule.failures, ended == nil {
                    ended = .bad(rule: rule.name, words + (count > 1 ? ", \(count) times in a row" : ""))
                }
            }
        }
        if let ended { return ended }
        run(until: now, isGood)
        return verdict(isGood, unclear, at: now)
    }

    /// Looks come at intervals. Where they did not, nobody knows what was in between.
    private mutating func run(until now: ContinuousClock.Instant, _ isGood: Bool) {
        if isGood, let lastGood { baked += min(now - lastGood, settings.interval * 2) }
        lastGood = isGood ? now : nil
    }

    private func verdict(_ isGood: Bool, _ unclear: [String], at now: ContinuousClock.Instant) -> Verdict {
        if isGood, baked >= settings.bake {
            return .good("good for \(settings.bake.words)")
        }
        let reasons = unclear.isEmpty ? nil : unclear.joined(separator: "; ")
        if now - start >= Self.limit(settings) {
            let words = "good for \(baked.words) of \(settings.bake.words), after \((now - start).words)"
            return .unknown(words + (reasons.map { "; \($0)" } ?? ""))
        }
        return .watching(left: max(.zero, settings.bake - baked), unclear: reasons)
    }
}
