import RunnerCore
import Testing

@testable import Deployments

struct WatchJudgeTests {
    private static let errors = rule("errors", .above(5))
    private static let hits = rule("hits", .below(1))
    private static let compared = rule("compared", .above(5), comparesWithStable: true)

    private static func rule(_ name: String, _ bound: WatchRule.Bound, comparesWithStable: Bool = false) -> WatchRule {
        WatchRule(name: name, source: .errorRate, bound: bound, failures: 2, comparesWithStable: comparesWithStable)
    }

    @Test(
        arguments: [
            (errors, .value(5), nil, .good),
            (errors, .value(5.1), nil, .bad("`errors` is 5.1, above 5")),
            (errors, .value(.infinity), nil, .bad("`errors` is inf, above 5")),
            (errors, WatchReading(.nan), nil, .unknown("no data: NaN")),
            (errors, .noData("no series"), nil, .unknown("no data: no series")),
            (errors, .failed("refused"), nil, .unknown("no answer: refused")),
            (hits, .value(1), nil, .good),
            (hits, .value(0.25), nil, .bad("`hits` is 0.25, below 1")),
            // Only those that ask for it are compared.
            (errors, .value(6), .value(9), .bad("`errors` is 6, above 5")),
            (compared, .value(6), nil, .bad("`compared` is 6, above 5")),
            (compared, .value(6), .value(6), .good),
            (compared, .value(6), .value(9), .good),
            (
                compared, .value(6), .value(4),
                .bad("`compared` is 6, above 5 and worse than the stable instances' 4")
            ),
            (compared, .value(4), .value(1), .good),
            (compared, .value(4), .failed("refused"), .good),
            (
                compared, .value(6), .failed("refused"),
                .unknown("`compared` is 6, above 5, and the stable instances have no answer: refused")
            ),
        ] as [(WatchRule, WatchReading, WatchReading?, WatchJudgement)]
    )
    func `one reading`(rule: WatchRule, reading: WatchReading, stable: WatchReading?, judgement: WatchJudgement) {
        #expect(rule.judge(reading, stable: stable) == judgement)
    }

    @Test(arguments: [
        (0, "0"), (5, "5"), (-2, "-2"), (0.1 + 0.2, "0.3"), (12345.678, "12346"), (0.00012345, "0.0001235"),
        (1e300, "1e+300"),
    ])
    func `numbers for people`(number: Double, words: String) {
        #expect(WatchReading.words(number) == words)
    }

    // MARK: - Rounds

    /// A round per word, 30 s apart: `g`ood, `b`ad, `n`o data, `f`ailed; two letters are two rules.
    private func verdicts(_ rounds: String, bake: Duration = .seconds(60), step: Duration = .seconds(30))
        -> [WatchJudge.Verdict]
    {
        let rules = [Self.errors, Self.hits]
        let start = ContinuousClock.now
        var judge = WatchJudge(WatchSettings(bake: bake, interval: .seconds(30), rules: rules), start: start)
        return rounds.split(separator: " ").enumerated().map { index, word in
            let readings = zip(rules, word + "g").map { rule, letter in (rule.name, Self.reading(letter, rule.bound)) }
            return judge.take(Dictionary(uniqueKeysWithValues: readings), at: start + step * index)
        }
    }

    private static func reading(_ letter: Character, _ bound: WatchRule.Bound) -> WatchReading {
        switch (letter, bound) {
        case ("g", .above(let bound)), ("b", .below(let bound)): .value(bound - 1)
        case ("b", .above(let bound)), ("g", .below(let bound)): .value(bound + 1)
        case ("n", _): .noData("none")
        default: .failed("refused")
        }
    }

    private static let bad = WatchJudge.Verdict.bad(rule: "errors", "`errors` is 6, above 5, 2 times in a row")
    private static let good = WatchJudge.Verdict.good("good for 60 s")

    private static func left(_ seconds: Int, _ unclear: String? = nil) -> WatchJudge.Verdict {
        .watching(left: .seconds(seconds), unclear: unclear)
    }

    @Test(
        arguments: [
            // The clock begins with the first good round.
            ("g", left(60)), ("g g", left(30)), ("g g g", good),
            // Bad ones in a row end it; a good one between forgives.
            ("b", left(60)), ("b b", bad), ("g g b b", bad), ("b g b", left(60)), ("b g b b", bad),
            // What is not known is neither: it forgives nothing, and ends nothing.
            ("b n b", bad), ("b f f b", bad), ("n n n n", left(60, "`errors`: no data: none")),
            ("f f", left(60, "`errors`: no answer: refused")),
            // Time without an answer, and time that was bad, does not count.
            ("g n g", left(60)), ("g b g", left(60)), ("g n g g g", good), ("g g f g", left(30)),
            ("g g f g g", good),
            // Every rule must have its number.
            ("gn gn gn gn", left(60, "`hits`: no data: none")), ("nb gg", left(60)),
            ("gb gb", .bad(rule: "hits", "`hits` is 0, below 1, 2 times in a row")), ("bn bn", bad),
            ("nf", left(60, "`errors`: no data: none; `hits`: no answer: refused")),
        ] as [(String, WatchJudge.Verdict)]
    )
    func `round after round`(rounds: String, verdict: WatchJudge.Verdict) {
        #expect(verdicts(rounds).last == verdict)
    }

    @Test func `a verdict comes with the first round that allows it`() {
        #expect(verdicts("g g g").map { $0 == Self.good } == [false, false, true])
        #expect(verdicts("g b b").map { $0 == Self.bad } == [false, false, true])
    }

    @Test func `time in which nobody looked counts little`() {
        // An hour between two rounds of 30 s.
        #expect(verdicts("g g", bake: .seconds(3600), step: .seconds(3600)).last == Self.left(3540))
    }

    @Test func `without a verdict a person is called in the end`() {
        // 3 times 60 s and 10 min are 26 rounds of 30 s.
        let silent = verdicts(String(repeating: "n ", count: 27))
        #expect(silent[25] == Self.left(60, "`errors`: no data: none"))
        #expect(silent[26] == .unknown("good for 0 ms of 60 s, after 13 min; `errors`: no data: none"))
        // Now good, now bad: no progress either.
        let flapping = verdicts(String(repeating: "g b ", count: 14))
        #expect(flapping[25] == Self.left(60))
        #expect(flapping[26] == .unknown("good for 0 ms of 60 s, after 13 min"))
        // What is good by then is good.
        #expect(verdicts(String(repeating: "n ", count: 24) + "g g g").last == Self.good)
    }

    @Test func `a release that need not bake must be good once`() {
        #expect(verdicts("n g", bake: .zero).last == .good("good for 0 ms"))
        var none = WatchJudge(WatchSettings(bake: .zero, rules: []), start: .now)
        #expect(none.take([:], at: .now) == .good("good for 0 ms"))
    }

    @Test func `a rule that was not read is not known`() {
        var judge = WatchJudge(WatchSettings(bake: .zero, rules: [Self.errors]), start: .now)
        #expect(judge.take([:], at: .now) == .watching(left: .zero, unclear: "`errors`: no data: not read"))
    }

    @Test func `what was baked before the daemon was started anew counts`() {
        let (start, settings) = (ContinuousClock.now, WatchSettings(bake: .seconds(60), rules: [Self.errors]))
        var judge = WatchJudge(settings, start: start, baked: .seconds(30))
        _ = judge.take(["errors": .value(1)], at: start)
        #expect(judge.take(["errors": .value(1)], at: start + .seconds(30)) == Self.good)
        #expect(judge.baked == .seconds(60))
    }
}
