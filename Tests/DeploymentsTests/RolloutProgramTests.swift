import Deployments
import RunnerCore
import Testing

/// What each strategy does, and how it goes back from each step.
struct RolloutProgramTests {
    @Test func `all at once replaces every target, then looks`() {
        let steps = Rollouts.forward(.allAtOnce, Rollouts.plain("1"))
        #expect(
            steps == [
                "bring the release to a, b, c, d", "activate it on a, b, c, d", "wait until a, b, c, d is healthy",
            ]
        )
    }

    @Test func `rolling takes a batch out, replaces it, looks, and puts it back`() {
        let steps = Rollouts.forward(.rolling(batch: .count(2), pause: .seconds(3)), Rollouts.plain("1"))
        #expect(
            steps == [
                "bring the release to a, b, c, d",
                "send traffic to c, d", "activate it on a, b", "wait until a, b is healthy",
                "send traffic to a, b, c, d",
                "pause for 3 s",
                "send traffic to a, b", "activate it on c, d", "wait until c, d is healthy",
                "send traffic to a, b, c, d",
            ]
        )
    }

    @Test func `rolling never takes the last one out of the traffic`() {
        let steps = Rollouts.forward(.rolling(batch: .percent(100), pause: .zero), Rollouts.plain("1"))
        #expect(!steps.contains("send traffic to nothing"))
    }

    @Test func `blue-green fills the idle slots and switches once`() {
        let steps = Rollouts.forward(.blueGreen(keep: .zero), Rollouts.slots(blue: "1", live: .blue))
        #expect(
            steps == [
                "bring the release to a/green, b/green", "activate it on a/green, b/green",
                "wait until a/green, b/green is healthy", "send traffic to a/green, b/green",
            ]
        )
    }

    @Test func `going back to what the idle slots still run is one switch`() {
        var parts = Rollouts.parts
        parts.isRollback = true
        let fleet = Rollouts.slots(blue: "1", green: "2", live: .green)
        let steps = Rollouts.forward(.blueGreen(keep: .zero), fleet, version: "1", parts)
        #expect(steps == ["wait until a/blue, b/blue is healthy", "send traffic to a/blue, b/blue"])
    }

    @Test func `a canary over slots gets more and more, and is judged at each step`() {
        let canary = [5, 50].map { RolloutStrategy.CanaryStep(weight: $0, hold: .seconds(60)) }
        let steps = Rollouts.forward(.canary(canary), Rollouts.slots(blue: "1", live: .blue))
        #expect(
            steps.dropFirst(3) == [
                "send traffic to a/blue 48 %, a/green 3 %, b/blue 48 %, b/green 3 %",
                "hold for 60 s and judge a/green, b/green",
                "send traffic to a/blue, a/green, b/blue, b/green",
                "hold for 60 s and judge a/green, b/green",
                "send traffic to a/green, b/green",
            ]
        )
    }

    @Test func `a canary over targets replaces some, and the rest one by one`() {
        let canary = [RolloutStrategy.CanaryStep(weight: 10, hold: .seconds(60))]
        let steps = Rollouts.forward(.canary(canary), Rollouts.plain("1"))
        #expect(
            Array(steps.prefix(6)) == [
                "bring the release to a, b, c, d",
                "send traffic to b, c, d", "activate it on a", "wait until a is healthy",
                "send traffic to a 10 %, b 30 %, c 30 %, d 30 %", "hold for 60 s and judge a",
            ]
        )
        #expect(steps.count { $0.hasPrefix("activate") } == 4)
        #expect(steps.last == "send traffic to a, b, c, d")
    }

    @Test func `the first release of all has nobody to be careful with`() {
        let canary = [RolloutStrategy.CanaryStep(weight: 10, hold: .seconds(60))]
        let fleet = Rollouts.plain(nil)
        let steps = Rollouts.forward(.canary(canary), fleet)
        #expect(steps.last == "send traffic to a, b, c, d")
        #expect(!steps.contains { $0.hasPrefix("hold") })
    }

    @Test func `data comes first, the watch last`() {
        var parts = Rollouts.parts
        (parts.backsUp, parts.migrates, parts.hasSmoke, parts.bake) = (true, true, true, .seconds(600))
        let steps = Rollouts.forward(.allAtOnce, Rollouts.plain("1"), parts)
        #expect(
            steps == [
                "bring the release to a, b, c, d", "back the database up", "migrate the database",
                "activate it on a, b, c, d", "wait until a, b, c, d is healthy", "run the smoke test",
                "watch for 10 min",
            ]
        )
    }

    @Test func `a rollback begins with the last target and neither pauses nor tries out`() {
        var parts = Rollouts.parts
        parts.isRollback = true
        let steps = Rollouts.forward(.rolling(batch: .count(1), pause: .seconds(9)), Rollouts.plain("2"), parts)
        #expect(steps.filter { $0.hasPrefix("activate") } == ["d", "c", "b", "a"].map { "activate it on \($0)" })
        #expect(!steps.contains { $0.hasPrefix("pause") })
    }

    // MARK: - Back

    static let strategies: [(RolloutStrategy, Fleet)] = [
        (.allAtOnce, Rollouts.plain("1")),
        (.rolling(batch: .count(1), pause: .zero), Rollouts.plain("1")),
        (.rolling(batch: .percent(50), pause: .seconds(1)), Rollouts.plain("1")),
        (.blueGreen(keep: .seconds(60)), Rollouts.slots(blue: "1", live: .blue)),
        (.blueGreen(keep: .seconds(60)), Rollouts.slots(blue: "0", green: "1", live: .green)),
        (.canary([.init(weight: 5, hold: .seconds(1)), .init(weight: 50, hold: .seconds(1))]), Rollouts.plain("1")),
        (.canary([.init(weight: 5, hold: .seconds(1))]), Rollouts.slots(blue: "1", live: .blue)),
    ]

    @Test(arguments: strategies)
    func `from every step there is a way back to the traffic and versions of before`(
        strategy: RolloutStrategy,
        fleet: Fleet
    ) {
        let count = Rollouts.rollout(strategy, fleet).program.count
        for failing in 0..<count {
            var rollout = Rollouts.rollout(strategy, fleet)
            for _ in 0..<failing { rollout.apply(.done) }
            rollout.apply(.failed("it did not work"))
            while rollout.step != nil { rollout.apply(.done) }
            #expect(rollout.phase == .takenBack("it did not work"))
            #expect(rollout.fleet.weights == fleet.weights, "from step \(failing)")
            // What has traffic runs what it ran; an idle slot may be empty now.
            for place in fleet.places where place.weight > 0 {
                #expect(rollout.fleet[place.instance]?.version == place.version, "from step \(failing)")
            }
        }
    }

    @Test(arguments: strategies)
    func `somebody always has traffic, on the way and on every way back`(strategy: RolloutStrategy, fleet: Fleet) {
        let count = Rollouts.rollout(strategy, fleet).program.count
        for failing in 0...count {
            var rollout = Rollouts.rollout(strategy, fleet)
            while let step = rollout.step {
                if case .shift(let weights) = step { #expect(!weights.isEmpty) }
                rollout.apply(rollout.phase == .forward && rollout.position == failing ? .failed("no") : .done)
            }
            #expect(rollout.hasEnded)
        }
    }

    @Test func `migrations are taken back after the old release runs again`() {
        var parts = Rollouts.parts
        parts.migrates = true
        var rollout = Rollouts.rollout(.allAtOnce, Rollouts.plain("1"), parts, takesMigrationsBack: true)
        for _ in 0..<3 { rollout.apply(.done) }
        rollout.apply(.failed("sick"))
        #expect(
            rollout.program.map(\.description) == [
                "go back to 1 on d, 1 on c, 1 on b, 1 on a", "wait until d, c, b, a is healthy",
                "take the migrations back",
            ]
        )
    }

    @Test func `the first release of all is taken away, for there is none to go back to`() {
        var rollout = Rollouts.rollout(.allAtOnce, Rollouts.plain(nil))
        for _ in 0..<2 { rollout.apply(.done) }
        rollout.apply(.failed("sick"))
        #expect(rollout.program.map(\.description) == ["end d, c, b, a"])
    }
}
