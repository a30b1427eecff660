import Deployments
import RunnerCore
import Testing

/// Each phase and each change: what it becomes.
struct RolloutTests {
    enum Start: String, CaseIterable { case forward, paused, back, stuck, live, takenBack }

    static func rollout(_ start: Start) -> Rollout {
        var rollout = Rollouts.rollout(.rolling(batch: .count(1), pause: .zero), Rollouts.plain("1"))
        // In the middle: the first target is being activated.
        for _ in 0..<2 { rollout.apply(.done) }
        switch start {
        case .forward: break
        case .paused: rollout.apply(.unknown("no data"))
        case .back: rollout.apply(.failed("sick"))
        case .stuck:
            rollout.apply(.failed("sick"))
            rollout.apply(.failed("unreachable"))
        case .live: while rollout.step != nil { rollout.apply(.done) }
        case .takenBack:
            rollout.apply(.failed("sick"))
            while rollout.step != nil { rollout.apply(.done) }
        }
        return rollout
    }

    static let table: [(Start, Rollout.Change, Rollout.Phase?)] = [
        (.forward, .done, .forward), (.forward, .failed("x"), .back("x")), (.forward, .unknown("x"), .paused("x")),
        (.forward, .goOn, nil), (.forward, .goBack("x"), .back("x")), (.forward, .crashed(.resume), .forward),
        (.forward, .crashed(.rollBack), .back("the daemon ended while the rollout was under way")),
        (.paused, .done, nil), (.paused, .failed("x"), nil), (.paused, .unknown("x"), nil), (.paused, .goOn, .forward),
        (.paused, .goBack("x"), .back("x")), (.paused, .crashed(.resume), .paused("no data")),
        (.paused, .crashed(.rollBack), .paused("no data")),
        (.back, .done, .back("sick")), (.back, .failed("x"), .stuck("sick", problem: "x")),
        (.back, .unknown("x"), .stuck("sick", problem: "x")), (.back, .goOn, nil), (.back, .goBack("x"), nil),
        (.back, .crashed(.resume), .back("sick")), (.back, .crashed(.rollBack), .back("sick")),
        (.stuck, .done, nil), (.stuck, .failed("x"), nil), (.stuck, .unknown("x"), nil), (.stuck, .goOn, .back("sick")),
        (.stuck, .goBack("x"), .back("sick")), (.stuck, .crashed(.resume), .stuck("sick", problem: "unreachable")),
        (.stuck, .crashed(.rollBack), .stuck("sick", problem: "unreachable")),
        (.live, .done, nil), (.live, .failed("x"), nil), (.live, .unknown("x"), nil), (.live, .goOn, nil),
        (.live, .goBack("x"), nil), (.live, .crashed(.resume), nil), (.live, .crashed(.rollBack), nil),
        (.takenBack, .done, nil), (.takenBack, .failed("x"), nil), (.takenBack, .unknown("x"), nil),
        (.takenBack, .goOn, nil), (.takenBack, .goBack("x"), nil), (.takenBack, .crashed(.resume), nil),
        (.takenBack, .crashed(.rollBack), nil),
    ]

    @Test(arguments: table)
    func `a change leads where the table says`(start: Start, change: Rollout.Change, end: Rollout.Phase?) {
        var rollout = Self.rollout(start)
        let before = rollout
        let hasChanged = rollout.apply(change)
        #expect(hasChanged == (end != nil))
        if let end { #expect(rollout.phase == end) } else { #expect(rollout == before) }
    }

    @Test func `the step that a crash cut off comes again`() {
        var rollout = Self.rollout(.forward)
        let step = rollout.step
        rollout.apply(.crashed(.resume))
        #expect(rollout.step == step)
    }

    @Test func `the step that a crash cut off is taken back, too`() {
        var rollout = Self.rollout(.forward)
        rollout.apply(.crashed(.rollBack))
        #expect(rollout.program.first?.description == "go back to 1 on a")
    }

    @Test func `what failed before anything was changed needs no way back`() {
        var rollout = Rollouts.rollout(.allAtOnce, Rollouts.plain("1"))
        rollout.apply(.failed("no space"))
        #expect(rollout.phase == .takenBack("no space"))
    }
}
