import Foundation
import RunnerCore
import Testing

/// Runs that take what runs of other pipelines make.
struct ArtifactWaitTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `a run waits for an open run whose artifact it takes, and says so`() {
        let decisions = decide([run(12, "ci"), run(13, "release", takes: ["ci"])])
        #expect(started(decisions) == [12])
        #expect(waits(decisions) == [13: "waits for run 12 (ci), whose artifact app it takes"])
    }

    @Test func `a run that was made before the one that it takes from waits all the same`() {
        #expect(started(decide([run(12, "release", takes: ["ci"]), run(13, "ci")])) == [13])
    }

    @Test func `a run waits for one that runs`() throws {
        let decisions = decide([run(13, "release", takes: ["ci"])], active: [try active(12, "ci")])
        #expect(started(decisions) == [] && waits(decisions)[13]?.hasPrefix("waits for run 12 (ci)") == true)
    }

    @Test(arguments: [
        ("another tree", ["ci"], "web", "other", RefTrust.ordinary),
        ("another pipeline", ["lint"], "web", "tree", .ordinary),
        ("another repository", ["ci"], "api", "tree", .ordinary),
        ("a giver that it does not trust", ["ci"], "web", "tree", .protected),
    ])
    func `nothing waits for`(_ what: String, takes: [String], repository: String, tree: String, trust: RefTrust) {
        let taker = run(13, "release", takes: takes, repository: repository, tree: tree, trust: trust)
        #expect(started(decide([run(12, "ci"), taker])) == [12, 13])
    }

    @Test func `runs that take from each other do not wait for ever`() {
        let two = [run(1, "a", takes: ["b"]), run(2, "b", takes: ["a"])]
        #expect(started(decide(two)) == [1])
        let three = [run(1, "a", takes: ["b"]), run(2, "b", takes: ["c"]), run(3, "c", takes: ["a"])]
        #expect(started(decide(three)) == [1, 2])
        #expect(started(decide([run(1, "a", takes: ["a"]), run(2, "a", takes: ["a"])])) == [1])
    }

    @Test(arguments: Concurrency.Policy.allCases)
    func `a run that waits for an artifact holds nobody of its group back`(_ policy: Concurrency.Policy) {
        // Were it first of its group, the run that it waits for would wait for it.
        let taker = run(1, "release", takes: ["ci"], group: policy)
        let decisions = decide([taker, run(2, "ci", group: policy)])
        #expect(started(decisions) == [2] || decisions.contains(.reject(number(2), because: number(1))))
    }

    @Test func `a run that is superseded does not wait as well`() {
        let runs = [
            run(1, "release", takes: ["ci"], group: .replacePending), run(2, "x", group: .replacePending), run(3, "ci"),
        ]
        let decisions = decide(runs)
        #expect(decisions.contains(.supersede(number(1), by: number(2))))
        #expect(waits(decisions)[1] == nil)
    }

    @Test func `a run that takes artifacts waits until the other refs of its push are planned`() {
        var queue = RunQueue(capacity: room, pending: [run(1, "release", takes: ["ci"]), run(2, "lint")])
        queue.unplanned = ["web"]
        let decisions = RunScheduling.decide(queue, now: now)
        #expect(started(decisions) == [2])
        #expect(waits(decisions)[1]?.contains("what else was pushed") == true)
    }

    // MARK: - Making

    private var room: Grant { Grant(slots: 8, cpu: 8, memory: 1 << 30) }

    private func number(_ value: Int) -> RunNumber {
        guard let number = RunNumber(value) else { preconditionFailure("\(value) is no run") }
        return number
    }

    private func run(
        _ value: Int,
        _ pipeline: String,
        takes: [String] = [],
        repository: String = "web",
        tree: String = "tree",
        trust: RefTrust = .ordinary,
        group: Concurrency.Policy? = nil
    ) -> RunQueue.Candidate {
        RunQueue.Candidate(
            number: number(value),
            repository: repository,
            priority: .other,
            lockName: group == nil ? nil : "g",
            policy: group,
            createdAt: now,
            demand: Grant(slots: 1, cpu: 1, memory: 0),
            work: RunQueue.Work(
                pipeline: pipeline,
                tree: tree,
                trust: trust,
                takes: takes.map { RunQueue.Work.Take(pipeline: $0, artifact: "app") }
            )
        )
    }

    private func active(_ value: Int, _ pipeline: String) throws -> RunQueue.Active {
        let one = Grant(slots: 1, cpu: 1, memory: 0)
        return RunQueue.Active(
            number: number(value),
            repository: "web",
            priority: .other,
            createdAt: now,
            demand: one,
            used: one,
            granted: one,
            asked: one,
            work: RunQueue.Work(pipeline: pipeline, tree: "tree", trust: .ordinary)
        )
    }

    private func decide(_ pending: [RunQueue.Candidate], active: [RunQueue.Active] = []) -> [RunDecision] {
        RunScheduling.decide(RunQueue(capacity: room, pending: pending, active: active), now: now)
    }

    private func started(_ decisions: [RunDecision]) -> [Int] {
        decisions.compactMap { if case .start(let run, _) = $0 { run.value } else { nil } }.sorted()
    }

    private func waits(_ decisions: [RunDecision]) -> [Int: String] {
        let waits = decisions.compactMap {
            if case .wait(let run, let reason) = $0 { (run.value, reason) } else { nil }
        }
        return Dictionary(waits) { first, _ in first }
    }
}
