package import FoundationEssentials
package import RunnerCore
import SystemPackage

/// What is given up and why, and what would have been and why it is not. Pure: the same function explains and decides.
package struct EvictionPlan: Sendable {
    package struct Verdict: Sendable, Hashable {
        package var item: EvictionItem
        package var why: String
    }

    /// In the order in which it goes: what rests on something before that.
    package private(set) var evicted: [Verdict] = []
    package private(set) var kept: [Verdict] = []

    /// What can be made again goes first; what rests on something before that.
    private static let order: [ServerOptions.DataClass] = [
        .workspaces, .caches, .layers, .mirrors, .artifacts, .logs,
    ]
    /// What goes where the disk is short though every budget is held, in this order: it can be made again.
    private static let spare: [ServerOptions.DataClass] = [.workspaces, .caches, .layers]
    /// What was used within it stays then: else, where others fill the disk, nothing would ever be warm.
    private static let warm: TimeInterval = 3600

    private let lastUse: [EvictionItem.Subject: Date]
    private let dependants: [EvictionItem.Subject: [EvictionItem.Subject]]
    private let held: [EvictionItem.Subject: String]
    private var gone: Set<EvictionItem.Subject> = []

    /// `shortBy` is how many bytes more the disk should have free.
    package static func make(
        items: [EvictionItem],
        budgets: [ServerOptions.DataClass: ServerOptions.Budget],
        protection: EvictionShield = EvictionShield(),
        shortBy: Int64 = 0,
        now: Date
    ) -> EvictionPlan {
        var plan = EvictionPlan(items, protection, now)
        let classes = Dictionary(grouping: items, by: \.dataClass).mapValues { plan.oldestFirst($0) }
        for dataClass in order {
            plan.hold(budgets[dataClass] ?? ServerOptions.Budget(), classes[dataClass] ?? [], now)
        }
        for dataClass in spare { plan.free(shortBy, from: classes[dataClass] ?? [], now) }
        return plan
    }

    private init(_ items: [EvictionItem], _ protection: EvictionShield, _ now: Date) {
        let known = Dictionary(items.map { ($0.subject, $0) }) { first, _ in first }
        var lastUse = known.mapValues(\.usedAt)
        var dependants: [EvictionItem.Subject: [EvictionItem.Subject]] = [:]
        var held: [EvictionItem.Subject: String] = [:]
        for item in items {
            for base in item.restsOn { dependants[base, default: []].append(item.subject) }
            let below = Self.below(item, known)
            for base in below { lastUse[base] = max(lastUse[base] ?? item.usedAt, item.usedAt) }
            if let reason = protection.reason(for: item) {
                held[item.subject] = reason
                for base in below where held[base] == nil { held[base] = reason }
            }
        }
        self.lastUse = lastUse
        self.dependants = dependants
        self.held = held
    }

    /// Everything that an item rests on, through others.
    private static func below(
        _ item: EvictionItem,
        _ known: [EvictionItem.Subject: EvictionItem]
    ) -> Set<EvictionItem.Subject> {
        var found: Set<EvictionItem.Subject> = []
        var open = item.restsOn
        while let next = open.popLast() {
            guard found.insert(next).inserted else { continue }
            open += known[next]?.restsOn ?? []
        }
        return found
    }

    /// What was used longest ago first; of equals, what rests on the other.
    private func oldestFirst(_ items: [EvictionItem]) -> [EvictionItem] {
        let known = Dictionary(items.map { ($0.subject, $0) }) { first, _ in first }
        let depths = Dictionary(items.map { ($0.subject, Self.below($0, known).count) }) { first, _ in first }
        return items.sorted { left, right in
            let (leftUse, rightUse) = (use(left), use(right))
            if leftUse != rightUse { return leftUse < rightUse }
            let (leftDepth, rightDepth) = (depths[left.subject] ?? 0, depths[right.subject] ?? 0)
            return leftDepth == rightDepth ? left.path.string < right.path.string : leftDepth > rightDepth
        }
    }

    /// Whatever rests on it uses it, too.
    private func use(_ item: EvictionItem) -> Date { lastUse[item.subject] ?? item.usedAt }

    private mutating func hold(_ budget: ServerOptions.Budget, _ items: [EvictionItem], _ now: Date) {
        var total = items.reduce(0) { $0 + $1.bytes }
        for item in items {
            guard let why = reason(item, budget, total: total, now) else { continue }
            if let obstacle = obstacle(item, now) {
                kept.append(Verdict(item: item, why: obstacle))
            } else {
                give(item, why)
                total -= item.bytes
            }
        }
    }

    private mutating func free(_ bytes: Int64, from items: [EvictionItem], _ now: Date) {
        for item in items where !gone.contains(item.subject) {
            guard freed < bytes else { return }
            guard now.timeIntervalSince(use(item)) > Self.warm, obstacle(item, now) == nil else { continue }
            give(item, "the disk is short of \(Words.bytes(bytes)), and it can be made again")
        }
    }

    private var freed: Int64 { evicted.reduce(0) { $0 + $1.item.bytes } }

    private mutating func give(_ item: EvictionItem, _ why: String) {
        gone.insert(item.subject)
        evicted.append(Verdict(item: item, why: why))
    }

    /// Why it should go; `nil` where it may stay.
    private func reason(_ item: EvictionItem, _ budget: ServerOptions.Budget, total: Int64, _ now: Date) -> String? {
        if let until = item.keepUntil, until <= now { return "its pipeline wanted it until \(Words.time(until))" }
        let unused = now.timeIntervalSince(use(item))
        if let age = budget.age, unused > TimeInterval(age.components.seconds) {
            return "not used for \(Words.duration(unused)), and \(item.dataClass) stay \(Words.duration(age))"
        }
        if let size = budget.size, total > size {
            return "\(item.dataClass) take \(Words.bytes(total)) of \(Words.bytes(size)), and it was used longest ago"
        }
        return nil
    }

    /// Why it stays all the same; `nil` where nothing holds it.
    private func obstacle(_ item: EvictionItem, _ now: Date) -> String? {
        if let reason = held[item.subject] { return reason }
        if let until = item.keepUntil, until > now { return "its pipeline wants it until \(Words.time(until))" }
        return dependants[item.subject]?.first { !gone.contains($0) }.map { "\($0) rests on it" }
    }
}
