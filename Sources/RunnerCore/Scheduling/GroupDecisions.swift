/// What concurrency groups mean for the runs of a queue.
struct GroupDecisions {
    private(set) var decisions: [RunDecision] = []
    /// Those that no group holds back.
    private(set) var eligible: Set<RunNumber> = []

    /// What waits for something else has no turn: it would hold back a run of its group that it waits for.
    private let held: Set<RunNumber>

    init(_ queue: RunQueue, held: Set<RunNumber> = []) {
        self.held = held
        let running = Dictionary(queue.active.map { ($0.number, $0) }) { first, _ in first }
        var groups: [String: [RunQueue.Candidate]] = [:]
        for run in queue.pending.sorted(by: { $0.number < $1.number }) {
            if let name = run.lockName {
                groups[name, default: []].append(run)
            } else if !held.contains(run.number) {
                eligible.insert(run.number)
            }
        }
        for (name, runs) in groups.sorted(by: { $0.key < $1.key }) {
            settle(runs, holder: queue.locks[name], holderRun: queue.locks[name].flatMap { running[$0] })
        }
    }

    /// `runs` of one group, the oldest first.
    private mutating func settle(_ runs: [RunQueue.Candidate], holder: RunNumber?, holderRun: RunQueue.Active?) {
        var waiting: [RunQueue.Candidate] = []
        for run in runs {
            switch run.policy ?? .queue {
            case .reject:
                if let other = waiting.first?.number ?? holder {
                    decisions.append(.reject(run.number, because: other))
                    continue
                }
            case .replacePending: supersede(&waiting, by: run.number)
            case .cancelOlder:
                supersede(&waiting, by: run.number)
                if let holderRun, !holderRun.isCanceled { decisions.append(.cancel(holderRun.number, by: run.number)) }
            case .queue: break
            }
            waiting.append(run)
        }
        waiting.removeAll { held.contains($0.number) }
        guard let first = waiting.first else { return }
        if let holder {
            for run in waiting { decisions.append(.wait(run.number, "waits for run \(holder), which holds its group")) }
        } else {
            eligible.insert(first.number)
            for run in waiting.dropFirst() {
                decisions.append(.wait(run.number, "waits for run \(first.number), which is before it in its group"))
            }
        }
    }

    private mutating func supersede(_ waiting: inout [RunQueue.Candidate], by newer: RunNumber) {
        decisions += waiting.map { .supersede($0.number, by: newer) }
        waiting = []
    }
}
