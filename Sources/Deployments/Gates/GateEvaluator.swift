import FoundationEssentials
import Glibc
import RunnerCore
import RunnerExecution

/// Whether a release may go to an environment at a time: one pure function over facts.
package struct GateEvaluator: Sendable {
    let facts: GateFacts

    /// Of every gate that the environment has, in their order. `freeze` and `lock` are gates of all.
    package static func verdicts(_ facts: GateFacts) -> [GateVerdict] {
        let evaluator = GateEvaluator(facts: facts)
        return Protection.GateName.allCases.compactMap { gate in
            guard let state = evaluator.state(of: gate) else { return nil }
            return GateVerdict(gate, evaluator.setAside(gate, state))
        }
    }

    /// For going back to what was live before: only what keeps two from working at once, and who may at all.
    package static func rollbackVerdicts(_ facts: GateFacts) -> [GateVerdict] {
        verdicts(facts).filter { [.repository, .lock].contains($0.gate) }
    }

    var protection: Protection { facts.environment.protection }

    /// On the fast track.
    var hotfix: HotfixRules? {
        guard let rules = facts.environment.hotfix, let branch = branch, rules.branches.matches(branch) else {
            return nil
        }
        return rules
    }

    var branch: String? { Self.short(facts.release.ref, "refs/heads/") }
    var tag: String? { Self.short(facts.release.ref, "refs/tags/") }

    private static func short(_ ref: String, _ prefix: String) -> String? {
        ref.hasPrefix(prefix) ? String(ref.dropFirst(prefix.count)) : nil
    }

    /// `nil` where the environment has no such gate.
    private func state(of gate: Protection.GateName) -> GateVerdict.State? {
        switch gate {
        case .repository: repository
        case .refs: refs
        case .signature: signature
        case .newer: newer
        case .passed: passed
        case .soak: soak
        case .approvals: approvals
        case .window: window
        case .freeze: freeze
        case .checklist: checklist
        case .lock: lock
        }
    }

    private func setAside(_ gate: Protection.GateName, _ state: GateVerdict.State) -> GateVerdict.State {
        switch state {
        case .passed, .skipped, .overridden: return state
        case .waiting, .refused: break
        }
        guard gate.canBeSetAside else { return state }
        if let override = facts.overrides.last(where: { $0.gate == gate }) {
            return .overridden(by: override.by, reason: override.reason)
        }
        if let hotfix, hotfix.skips.contains(gate) { return .skipped("a hotfix does not wait for it") }
        return state
    }

    // MARK: - What the release is

    private var repository: GateVerdict.State? {
        let allowed = facts.environment.repositories
        guard !allowed.isEmpty else { return nil }
        let name = facts.release.repository
        if allowed.contains(name) { return .passed("\(name) deploys here") }
        return .refused(
            "repository \(name.quoted) may not deploy here, only \(allowed.map(\.quoted).joined(separator: ", "))"
        )
    }

    /// Naming only branches, or only tags, lets nothing of the other kind in.
    private var refs: GateVerdict.State? {
        if facts.isTagMoved, let tag {
            return .refused("tag \(tag.quoted) pointed elsewhere before: give the release a new version")
        }
        guard protection.branches != nil || protection.tags != nil else { return nil }
        if let branch, let patterns = protection.branches, patterns.matches(branch) {
            return .passed("branch \(branch.quoted) is let in")
        }
        if let tag, let range = protection.versions, protection.tags?.matches(tag) ?? false {
            guard let version = SemanticVersion(tag: tag), range.contains(version) else {
                return .refused("tag \(tag.quoted) is outside of \(range.source.quoted)")
            }
        }
        if let tag, let patterns = protection.tags, patterns.matches(tag) {
            return .passed("tag \(tag.quoted) is let in")
        }
        let kind = tag == nil ? "branch" : "tag"
        return .refused("\(kind) \((tag ?? branch ?? facts.release.ref).quoted) is not let in")
    }

    private var signature: GateVerdict.State? {
        guard protection.requiresSignature else { return nil }
        switch facts.signature {
        case .good(let by): return .passed("signed by \(by)")
        case .none: return .refused("it is not signed")
        case .untrusted(let key): return .refused("it is signed by key \(key), which the server does not trust")
        case .bad: return .refused("its signature does not fit its content")
        case .notChecked: return .waiting("its signature was not looked at yet", owner: "the server")
        }
    }

    /// By version for tags, by ancestry for what has none: never by clocks.
    private var newer: GateVerdict.State? {
        guard protection.requiresNewer else { return nil }
        guard let live = facts.live else { return .passed("nothing is live yet") }
        if let tag, let mine = SemanticVersion(tag: tag), let theirs = SemanticVersion(tag: live.version) {
            if theirs < mine { return .passed("above \(live.version)") }
            return .refused("\(live.version) is live, which is \(mine == theirs ? "the same version" : "newer")")
        }
        switch facts.ancestry {
        case .descends: return .passed("comes after \(live.version)")
        case .same: return .passed("the commit of \(live.version)")
        case .behind: return .refused("its commit is older than that of \(live.version)")
        case .diverged: return .refused("its commit does not have that of \(live.version) in its past")
        case .unknown: return .refused("nobody can say whether it comes after \(live.version): its commit is not here")
        }
    }

    // MARK: - What was done with it

    private var passed: GateVerdict.State? {
        guard !protection.passed.isEmpty else { return nil }
        var waits: [String] = []
        var proofs: [String] = []
        for pipeline in protection.passed {
            switch facts.passed[pipeline] {
            case .succeeded(let run): proofs.append("\(pipeline) in run \(run)")
            case .running(let run): waits.append("\(pipeline) runs as run \(run)")
            case .ended(let run, let outcome): return .refused("\(pipeline) \(outcome) for this tree, in run \(run)")
            case nil: waits.append("\(pipeline) has not run for this tree")
            }
        }
        guard waits.isEmpty else {
            return .waiting(
                waits.joined(separator: ", "),
                owner: "pipeline \(protection.passed.joined(separator: ", "))"
            )
        }
        return .passed(proofs.joined(separator: ", "))
    }

    private var soak: GateVerdict.State? {
        guard let rule = protection.after else { return nil }
        let owner = "environment \(rule.environment)"
        let healthy = facts.soak?.healthy ?? .zero
        let words = "healthy on \(rule.environment) for \(healthy.words) of \(rule.healthy.words)"
        if let soak = facts.soak, soak.healthy >= rule.healthy {
            // It has proven itself, whatever came there since.
            return soak.isHealthyNow || !soak.isLive ? .passed(words) : .waiting("\(words), but not now", owner: owner)
        }
        guard let soak = facts.soak, soak.isLive else {
            let other = facts.soak?.other.map { ": \($0) is live there" } ?? ""
            return .waiting("\(words)\(other)", owner: owner)
        }
        guard soak.isHealthyNow else { return .waiting("\(words), and not healthy now", owner: owner) }
        let rest = (rule.healthy - healthy).seconds
        return .waiting(words, owner: owner, next: facts.now.addingTimeInterval(rest))
    }

    // MARK: - Times

    private var window: GateVerdict.State? {
        let windows = facts.environment.windows
        guard !windows.isEmpty else { return nil }
        let openings = windows.compactMap { WindowClock($0) }
        if openings.contains(where: { $0.isOpen(at: facts.now) }) { return .passed("open now") }
        let next = openings.compactMap { $0.nextOpening(after: facts.now) }.min()
        return .waiting("outside the window", owner: "the clock", next: next)
    }

    private var freeze: GateVerdict.State? {
        var ends: [Date] = []
        var reasons: [String] = []
        var isOpenEnded = false
        for freeze in facts.freezes where freeze.until.map({ $0 > facts.now }) ?? true {
            reasons.append("\(freeze.reason) (by \(freeze.by))")
            if let until = freeze.until { ends.append(until) } else { isOpenEnded = true }
        }
        let spans = facts.environment.freezes.compactMap { freeze in FreezeClock(freeze).map { (freeze, $0) } }
        for (freeze, span) in spans where span.holds(at: facts.now) {
            reasons.append(freeze.reason)
            ends.append(span.to)
        }
        guard !reasons.isEmpty else { return .passed("no freeze") }
        // Freezes that overlap are one; the next look is at its end.
        var end = ends.max()
        while let known = end, let later = spans.map(\.1).filter({ $0.holds(at: known) }).map(\.to).max(), later > known
        {
            end = later
        }
        let owner = isOpenEnded ? "whoever froze it" : "the clock"
        return .waiting("frozen: \(reasons.joined(separator: "; "))", owner: owner, next: isOpenEnded ? nil : end)
    }

    private var lock: GateVerdict.State? {
        guard let holder = facts.holder else { return .passed("nobody has it") }
        return .waiting("\(holder) has it", owner: holder)
    }
}
