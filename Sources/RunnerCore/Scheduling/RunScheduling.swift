package import FoundationEssentials

/// Decides which runs begin and what each may use: pure, from a queue to decisions.
///
/// 1. Concurrency groups: at most one run of a group runs. Of those that wait, `replace-pending` and `cancel-older` keep
///    the newest, which supersedes the others; `cancel-older` also cancels the one that runs; `reject` ends where the group
///    is taken; `queue` waits, the oldest first.
/// 2. Artifacts: a run that takes what a run of another pipeline makes of the same tree waits for that, see ArtifactWaits.
///    Meanwhile it has no turn in its group, and holds nobody back.
/// 3. Order: by priority (hotfix, tag, develop, other), one class higher for each ten minutes of waiting, so that nothing
///    starves; then the repository that has least; then the oldest.
/// 4. Shares: everyone in that order gets one slot, then a second, as long as there are slots and they have use for them. A
///    stage that runs is never stopped for another: a share shrinks when a stage ends, and what it gives up is handed on
///    only after its supervisor has said so.
package enum RunScheduling {
    /// After so long a wait a run counts as of the next higher class.
    package static let promotion: TimeInterval = 600

    package static func decide(_ queue: RunQueue, now: Date) -> [RunDecision] {
        let waits = ArtifactWaits(queue).reasons
        let groups = GroupDecisions(queue, held: Set(waits.keys))
        let ended = Set(groups.decisions.compactMap(\.ended))
        var decisions = groups.decisions
        decisions += waits.filter { !ended.contains($0.key) }.sorted { $0.key < $1.key }
            .map { .wait($0.key, queue.hold ?? $0.value) }
        let pending = queue.pending.filter { groups.eligible.contains($0.number) }
        if let hold = queue.hold {
            decisions += pending.map { .wait($0.number, hold) }
            return decisions + shares(queue, pending: [], now: now)
        }
        return decisions + shares(queue, pending: pending, now: now)
    }

    private struct Claim {
        var number: RunNumber
        var repository: String
        var weight: Int
        var demand: Grant
        var target = Grant.nothing
        var active: RunQueue.Active?

        var wantsMore: Bool { target.slots < demand.slots }
    }

    private static func shares(_ queue: RunQueue, pending: [RunQueue.Candidate], now: Date) -> [RunDecision] {
        var claims = claims(queue, pending, now: now)
        allocate(&claims, queue.capacity)
        var free = queue.active.reduce(queue.capacity) { $0 - $1.committed }
        var decisions: [RunDecision] = []
        for claim in claims {
            guard let active = claim.active else { continue }
            // Shrinking comes first; what it frees is there when the supervisor has said so.
            if claim.target.slots < active.asked.slots {
                decisions.append(.grant(claim.number, claim.target))
            } else if claim.target.slots > active.asked.slots {
                let more = claim.target - active.committed
                guard more.slots > 0, more.fits(into: free) else { continue }
                free = free - more
                decisions.append(.grant(claim.number, claim.target))
            }
        }
        for claim in claims where claim.active == nil {
            let isAlone = queue.active.isEmpty && decisions.allSatisfy { !$0.isStart }
            // What asks for more than there is runs alone: it would wait for ever.
            let share = isAlone && claim.target.slots == 0 ? claim.demand.perSlot : claim.target
            if share.slots > 0, share.fits(into: free) || isAlone {
                free = free - share
                decisions.append(.start(claim.number, share))
            } else {
                decisions.append(
                    .wait(claim.number, "waits for a slot: \(queue.capacity.slots) are in use or promised")
                )
            }
        }
        return decisions
    }

    /// One slot to each in order, then another, until nobody wants or nothing is left: as if nothing ran yet, so that a
    /// run of more weight gets its share as soon as stages of the others end.
    private static func allocate(_ claims: inout [Claim], _ capacity: Grant) {
        var left = capacity
        var taken: [String: Int] = [:]
        while true {
            let open = claims.indices.filter { claims[$0].wantsMore && claims[$0].demand.perSlot.fits(into: left) }
            let next = open.min { left, right in
                let a = claims[left]
                let b = claims[right]
                if a.weight != b.weight { return a.weight > b.weight }
                if a.target.slots != b.target.slots { return a.target.slots < b.target.slots }
                if (a.active == nil) != (b.active == nil) { return a.active != nil }
                let (mine, theirs) = (taken[a.repository, default: 0], taken[b.repository, default: 0])
                if mine != theirs { return mine < theirs }
                return a.number < b.number
            }
            guard let next else { return }
            let share = claims[next].demand.perSlot
            claims[next].target = claims[next].target + share
            left = left - share
            taken[claims[next].repository, default: 0] += 1
        }
    }

    private static func claims(_ queue: RunQueue, _ pending: [RunQueue.Candidate], now: Date) -> [Claim] {
        let active = queue.active.map { run in
            Claim(
                number: run.number,
                repository: run.repository,
                weight: weight(run.priority, since: run.createdAt, now: now),
                demand: run.demand.orMore(run.used),
                active: run
            )
        }
        let waiting = pending.map { run in
            Claim(
                number: run.number,
                repository: run.repository,
                weight: weight(run.priority, since: run.createdAt, now: now),
                demand: run.demand,
                active: nil
            )
        }
        return active + waiting.sorted { ($1.weight, $0.number) < ($0.weight, $1.number) }
    }

    private static func weight(_ priority: RunPriority, since: Date, now: Date) -> Int {
        let promoted = Int(max(0, now.timeIntervalSince(since)) / promotion)
        return min(RunPriority.hotfix.rawValue, priority.rawValue + min(promoted, RunPriority.allCases.count))
    }
}

extension RunDecision {
    /// The run that never begins by it.
    fileprivate var ended: RunNumber? {
        switch self {
        case .supersede(let run, _), .reject(let run, _): run
        case .start, .cancel, .wait, .grant: nil
        }
    }

    fileprivate var isStart: Bool {
        switch self {
        case .start: true
        case .supersede, .cancel, .reject, .wait, .grant: false
        }
    }
}
