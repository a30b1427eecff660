import Foundation
import RunnerCore
import Testing

/// Decisions about whole queues, one situation each.
struct RunSchedulingTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `a hotfix starts before a tag, a tag before develop, develop before the rest`() {
        let runs = [candidate(1), candidate(2, .develop), candidate(3, .tag), candidate(4, .hotfix)]
        #expect(started(decide(slots: 1, runs)) == [4])
        #expect(started(decide(slots: 2, runs)) == [3, 4])
        #expect(started(decide(slots: 3, runs)) == [2, 3, 4])
    }

    @Test func `of one priority the oldest starts`() {
        #expect(started(decide(slots: 1, [candidate(7), candidate(5), candidate(6)])) == [5])
    }

    @Test func `two repositories share what there is, however many runs one has`() {
        let busy = (1...10).map { candidate($0, repository: "busy") }
        let runs = busy + [candidate(11, repository: "quiet")]
        #expect(started(decide(slots: 2, runs)) == [1, 11])
    }

    @Test func `a run that waits long enough is not overtaken by a hotfix any more`() {
        let patient = candidate(1, age: 3 * RunScheduling.promotion)
        #expect(started(decide(slots: 1, [patient, candidate(2, .hotfix)])) == [1])
        let younger = candidate(1, age: 3 * RunScheduling.promotion - 1)
        #expect(started(decide(slots: 1, [younger, candidate(2, .hotfix)])) == [2])
    }

    @Test func `what is not started says why`() {
        let decisions = decide(slots: 1, [candidate(1), candidate(2)])
        #expect(decisions.contains(.wait(number(2), "waits for a slot: 1 are in use or promised")))
    }

    @Test func `on hold nothing starts, and everyone is told why`() {
        let queue = RunQueue(capacity: machine(4), pending: [candidate(1), candidate(2)], hold: "draining")
        #expect(
            RunScheduling.decide(queue, now: now) == [
                .wait(number(1), "draining"), .wait(number(2), "draining"),
            ]
        )
    }

    // MARK: - Shares

    @Test func `a run gets what its first stages can use, and no more`() {
        let wide = candidate(1, demand: Grant(slots: 3, cpu: 3, memory: 0))
        #expect(decide(slots: 8, [wide]) == [.start(number(1), Grant(slots: 3, cpu: 3, memory: 0))])
    }

    @Test func `a second run takes a slot back from the first, once its stage has ended`() {
        var first = active(1, demand: 4, used: 2, granted: 2)
        let shrink = decide(slots: 2, [candidate(2)], [first])
        #expect(shrink.contains(.grant(number(1), Grant(slots: 1, cpu: 1, memory: 0))))
        #expect(started(shrink).isEmpty)
        first.asked = Grant(slots: 1, cpu: 1, memory: 0)
        first.granted = first.asked
        #expect(started(decide(slots: 2, [candidate(2)], [first])).isEmpty)
        first.used = first.asked
        #expect(started(decide(slots: 2, [candidate(2)], [first])) == [2])
    }

    @Test func `what a supervisor gives up is not handed on before it has said so`() {
        var first = active(1, demand: 4, used: 1, granted: 2)
        first.asked = Grant(slots: 1, cpu: 1, memory: 0)
        #expect(started(decide(slots: 2, [candidate(2)], [first])).isEmpty)
    }

    @Test func `a run alone gets the slots that others have left`() {
        let run = active(1, demand: 5, used: 1, granted: 1)
        #expect(decide(slots: 4, [], [run]) == [.grant(number(1), Grant(slots: 4, cpu: 4, memory: 0))])
    }

    @Test func `a hotfix takes slots of a run of less weight as its stages end`() {
        let running = active(1, demand: 4, used: 2, granted: 2)
        let decisions = decide(slots: 2, [candidate(2, .hotfix, demand: Grant(slots: 2, cpu: 2, memory: 0))], [running])
        #expect(decisions.contains(.grant(number(1), .nothing)))
    }

    @Test func `declared memory is shared, too`() {
        let big = Grant(slots: 1, cpu: 1, memory: 6)
        let queue = RunQueue(
            capacity: Grant(slots: 4, cpu: 4, memory: 10),
            pending: [candidate(1, demand: big), candidate(2, demand: big)]
        )
        #expect(started(RunScheduling.decide(queue, now: now)) == [1])
    }

    @Test func `a run that asks for more than there is runs alone, and does not wait for ever`() {
        let huge = Grant(slots: 1, cpu: 64, memory: 0)
        #expect(started(decide(slots: 2, [candidate(1, demand: huge)])) == [1])
        let busy = active(2, demand: 1, used: 1, granted: 1)
        #expect(started(decide(slots: 2, [candidate(1, demand: huge)], [busy])).isEmpty)
    }

    // MARK: - Groups

    @Test func `a queue runs one after the other, the oldest first`() {
        let runs = [candidate(1, group: .queue), candidate(2, group: .queue)]
        let decisions = decide(slots: 4, runs)
        #expect(started(decisions) == [1])
        #expect(decisions.contains(.wait(number(2), "waits for run 1, which is before it in its group")))
    }

    @Test func `while one of the group runs the others wait, with its number`() {
        let queue = RunQueue(
            capacity: machine(4),
            pending: [candidate(2, group: .queue)],
            active: [active(1, demand: 1, used: 1, granted: 1)],
            locks: ["g": number(1)]
        )
        let decisions = RunScheduling.decide(queue, now: now)
        #expect(decisions == [.wait(number(2), "waits for run 1, which holds its group")])
    }

    @Test func `replace-pending keeps the newest that waits and lets the one that runs be`() {
        let decisions = decideInGroup(.replacePending)
        #expect(decisions.contains(.supersede(number(2), by: number(3))))
        #expect(!decisions.contains(.cancel(number(1), by: number(3))))
    }

    @Test func `cancel-older supersedes what waits and cancels what runs`() {
        let decisions = decideInGroup(.cancelOlder)
        #expect(decisions.contains(.supersede(number(2), by: number(3))))
        #expect(decisions.contains(.cancel(number(1), by: number(3))))
    }

    @Test func `reject does not wait behind another, and says behind which`() {
        #expect(
            decideInGroup(.reject) == [.reject(number(2), because: number(1)), .reject(number(3), because: number(1))]
        )
        let free = decide(slots: 4, [candidate(1, group: .reject), candidate(2, group: .reject)])
        #expect(started(free) == [1])
        #expect(free.contains(.reject(number(2), because: number(1))))
    }

    @Test func `a group whose lock was broken goes on beside the run that had it`() {
        let queue = RunQueue(
            capacity: machine(4),
            pending: [candidate(2, group: .queue)],
            active: [active(1, demand: 1, used: 1, granted: 1)]
        )
        #expect(started(RunScheduling.decide(queue, now: now)) == [2])
    }

    // MARK: - Making queues

    private func number(_ value: Int) -> RunNumber {
        guard let number = RunNumber(value) else { preconditionFailure("\(value) is no run") }
        return number
    }

    private func machine(_ slots: Int) -> Grant { Grant(slots: slots, cpu: Double(slots), memory: 1 << 30) }

    private func candidate(
        _ value: Int,
        _ priority: RunPriority = .other,
        repository: String = "web",
        group: Concurrency.Policy? = nil,
        age: TimeInterval = 0,
        demand: Grant = Grant(slots: 1, cpu: 1, memory: 0)
    ) -> RunQueue.Candidate {
        RunQueue.Candidate(
            number: number(value),
            repository: repository,
            priority: priority,
            lockName: group == nil ? nil : "g",
            policy: group,
            createdAt: now - age,
            demand: demand
        )
    }

    private func active(_ value: Int, demand: Int, used: Int, granted: Int) -> RunQueue.Active {
        func grant(_ slots: Int) -> Grant { Grant(slots: slots, cpu: Double(slots), memory: 0) }
        return RunQueue.Active(
            number: number(value),
            repository: "web",
            priority: .other,
            createdAt: now,
            demand: grant(demand),
            used: grant(used),
            granted: grant(granted),
            asked: grant(granted)
        )
    }

    private func decide(slots: Int, _ pending: [RunQueue.Candidate], _ active: [RunQueue.Active] = []) -> [RunDecision]
    {
        RunScheduling.decide(RunQueue(capacity: machine(slots), pending: pending, active: active), now: now)
    }

    /// Run 1 runs, 2 and 3 wait, all of one group.
    private func decideInGroup(_ policy: Concurrency.Policy) -> [RunDecision] {
        let queue = RunQueue(
            capacity: machine(4),
            pending: [candidate(2, group: policy), candidate(3, group: policy)],
            active: [active(1, demand: 1, used: 1, granted: 1)],
            locks: ["g": number(1)]
        )
        return RunScheduling.decide(queue, now: now)
    }

    private func started(_ decisions: [RunDecision]) -> [Int] {
        decisions.compactMap { if case .start(let run, _) = $0 { run.value } else { nil } }.sorted()
    }
}
