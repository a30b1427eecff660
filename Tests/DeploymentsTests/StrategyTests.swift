import RunnerCore
import Testing

struct StrategyTests {
    @Test(arguments: [
        (RolloutStrategy.Portion.count(1), 4, 1), (.count(9), 4, 4), (.count(0), 4, 1), (.percent(25), 4, 1),
        (.percent(50), 4, 2), (.percent(1), 4, 1), (.percent(100), 4, 4),
    ])
    func `a portion is at least one target and at most all`(portion: RolloutStrategy.Portion, all: Int, count: Int) {
        #expect(portion.count(of: all) == count)
    }
}
