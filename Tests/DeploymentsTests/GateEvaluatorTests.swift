import Deployments
import FoundationEssentials
import RunnerCore
import Testing

/// Every gate in every state that it has.
struct GateEvaluatorTests {
    typealias Change = @Sendable (inout GateFacts) -> Void

    /// What one gate is to say. The texts are parts of what it says.
    struct Row: Sendable, CustomTestStringConvertible {
        enum State: Sendable { case none, passed, waiting, refused, overridden, skipped }

        let gate: Protection.GateName
        let state: State
        let words: String
        let change: Change

        init(_ gate: Protection.GateName, _ state: State, _ words: String, _ change: @escaping Change) {
            self.gate = gate
            self.state = state
            self.words = words
            self.change = change
        }

        var testDescription: String { "\(gate.rawValue) \(state) \(words)" }
    }

    // MARK: - Rows

    static let release: [Row] = [
        Row(.repository, .none, "") { _ in },
        Row(.repository, .passed, "shop deploys here") { $0.environment.repositories = ["shop"] },
        Row(.repository, .refused, "only `tools`") { $0.environment.repositories = ["tools"] },
        Row(.refs, .none, "") { _ in },
        Row(.refs, .passed, "tag `v1.2.0`") { $0.environment.protection.tags = PatternList(["v*"]) },
        Row(.refs, .refused, "is not let in") { $0.environment.protection.tags = PatternList(["w*"]) },
        // Naming branches alone lets no tag in, and the other way round.
        Row(.refs, .refused, "tag `v1.2.0` is not let in") {
            $0.environment.protection.branches = PatternList(["main"])
        },
        Row(.refs, .refused, "branch `main` is not let in") {
            $0.release.ref = "refs/heads/main"
            $0.environment.protection.tags = PatternList(["v*"])
        },
        Row(.refs, .passed, "branch `main`") {
            $0.release.ref = "refs/heads/main"
            $0.environment.protection.branches = PatternList(["main"])
        },
        Row(.refs, .refused, "pointed elsewhere before") {
            $0.isTagMoved = true
            $0.environment.protection.tags = PatternList(["v*"])
        },
        Row(.refs, .refused, "pointed elsewhere before") { $0.isTagMoved = true },
        Row(.refs, .passed, "v1.2.0") {
            $0.environment.protection.tags = PatternList(["v*"])
            $0.environment.protection.versions = try? SemanticVersionRange.parse(">=1.0.0")
        },
        Row(.refs, .refused, "outside of `>=2.0.0`") {
            $0.environment.protection.tags = PatternList(["v*"])
            $0.environment.protection.versions = try? SemanticVersionRange.parse(">=2.0.0")
        },
        Row(.signature, .passed, "signed by ada") { signed(&$0, .good(by: "ada")) },
        Row(.signature, .refused, "not signed") { signed(&$0, .none) },
        Row(.signature, .refused, "key ABC") { signed(&$0, .untrusted(key: "ABC")) },
        Row(.signature, .refused, "does not fit") { signed(&$0, .bad) },
        Row(.signature, .waiting, "not looked at") { signed(&$0, .notChecked) },
        Row(.newer, .passed, "nothing is live") { newer(&$0, nil) },
        Row(.newer, .passed, "above v1.1.9") { newer(&$0, "v1.1.9") },
        Row(.newer, .passed, "above v1.2.0-rc.1") { newer(&$0, "v1.2.0-rc.1") },
        Row(.newer, .refused, "the same version") { newer(&$0, "v1.2.0") },
        Row(.newer, .refused, "newer") { newer(&$0, "v1.10.0") },
        Row(.newer, .passed, "comes after") { newer(&$0, "main-1", .descends, "refs/heads/main") },
        Row(.newer, .passed, "the commit of") { newer(&$0, "main-1", .same, "refs/heads/main") },
        Row(.newer, .refused, "is older") { newer(&$0, "main-1", .behind, "refs/heads/main") },
        Row(.newer, .refused, "in its past") { newer(&$0, "main-1", .diverged, "refs/heads/main") },
        Row(.newer, .refused, "nobody can say") { newer(&$0, "main-1", .unknown, "refs/heads/main") },
    ]

    static let proofs: [Row] = [
        Row(.passed, .none, "") { _ in },
        Row(.passed, .passed, "ci in run 7") { proven(&$0, .succeeded(run: 7)) },
        Row(.passed, .waiting, "runs as run 7") { proven(&$0, .running(run: 7)) },
        Row(.passed, .refused, "ci failed for this tree") { proven(&$0, .ended(run: 7, outcome: "failed")) },
        Row(.passed, .waiting, "has not run") { proven(&$0, nil) },
        Row(.soak, .none, "") { _ in },
        Row(.soak, .passed, "24 h of 24 h") {
            soaked(&$0, .init(healthy: .seconds(86_400), isLive: true, isHealthyNow: true))
        },
        Row(.soak, .passed, "25 h of 24 h") {
            soaked(&$0, .init(healthy: .seconds(90_000), isLive: false, isHealthyNow: false))
        },
        Row(.soak, .waiting, "but not now") {
            soaked(&$0, .init(healthy: .seconds(86_400), isLive: true, isHealthyNow: false))
        },
        Row(.soak, .waiting, "1 h of 24 h") {
            soaked(&$0, .init(healthy: .seconds(3600), isLive: true, isHealthyNow: true))
        },
        Row(.soak, .waiting, "not healthy now") {
            soaked(&$0, .init(healthy: .seconds(60), isLive: true, isHealthyNow: false))
        },
        Row(.soak, .waiting, "main-9 is live there") {
            soaked(&$0, .init(healthy: .zero, isLive: false, isHealthyNow: false, other: "main-9"))
        },
        Row(.soak, .skipped, "hotfix") {
            hotfix(&$0)
            soaked(&$0, .init(healthy: .zero, isLive: false, isHealthyNow: false))
        },
        Row(.soak, .overridden, "set aside by eve: fire") {
            soaked(&$0, .init(healthy: .zero, isLive: false, isHealthyNow: false))
            $0.overrides = [.init(gate: .soak, by: "eve", reason: "fire")]
        },
        Row(.lock, .passed, "nobody has it") { _ in },
        Row(.lock, .waiting, "deployment 12 has it") { $0.holder = "deployment 12" },
    ]

    static let people: [Row] = [
        Row(.approvals, .none, "") { _ in },
        Row(.approvals, .waiting, "0 of 1 approvals") { approved(&$0, 1, []) },
        Row(.approvals, .passed, "by bob") { approved(&$0, 1, ["bob"]) },
        Row(.approvals, .waiting, "1 of 2 approvals") { approved(&$0, 2, ["bob"]) },
        Row(.approvals, .passed, "by bob, eve") { approved(&$0, 2, ["bob", "eve"]) },
        // In the same millisecond, or not: one person is one.
        Row(.approvals, .waiting, "1 of 2 approvals") { approved(&$0, 2, ["bob", "bob"]) },
        // The author by name, address and the address' first part, and whoever asked.
        Row(.approvals, .waiting, "0 of 1") { approved(&$0, 1, ["Ada Lovelace"]) },
        Row(.approvals, .waiting, "0 of 1") { approved(&$0, 1, ["ada@example.org"]) },
        Row(.approvals, .waiting, "0 of 1") { approved(&$0, 1, ["ADA"]) },
        Row(.approvals, .waiting, "0 of 1") { approved(&$0, 1, ["asker"]) },
        Row(.approvals, .passed, "by ada") {
            approved(&$0, 1, ["ada"])
            $0.environment.protection.approvals?.mayBeAuthor = true
        },
        Row(.approvals, .waiting, "0 of 1") { approved(&$0, 1, ["bob"], role: .developer) },
        Row(.approvals, .waiting, "bob approved another plan, which does not count") {
            approved(&$0, 1, ["bob"], plan: "old")
        },
        Row(.approvals, .waiting, "still security") {
            approved(&$0, 1, ["bob"])
            $0.environment.protection.approvals?.from = ["security"]
        },
        Row(.approvals, .passed, "by bob") {
            approved(&$0, 1, ["bob"], role: .admin)
            $0.environment.protection.approvals?.from = ["admin"]
        },
        Row(.approvals, .refused, "rejected by eve: no") {
            approved(&$0, 1, ["bob"])
            $0.approvals.append(.init(who: "eve", role: .approver, isApproval: false, planHash: "plan", reason: "no"))
        },
        Row(.approvals, .passed, "by bob") {
            approved(&$0, 1, ["bob"])
            $0.approvals.append(.init(who: "eve", role: .approver, isApproval: false, planHash: "old", reason: "no"))
        },
        Row(.approvals, .refused, "not approved within") {
            approved(&$0, 1, [])
            $0.now = $0.askedAt.addingTimeInterval(7 * 86_400)
        },
        Row(.approvals, .passed, "none is needed") {
            hotfix(&$0)
            $0.environment.hotfix?.approvals = 0
            approved(&$0, 2, [])
        },
        Row(.checklist, .none, "") { _ in },
        Row(.checklist, .waiting, "still `docs`, `scan`") { listed(&$0, []) },
        Row(.checklist, .waiting, "still `scan`") { listed(&$0, [("docs", "bob", true)]) },
        Row(.checklist, .passed, "all 2 items") { listed(&$0, [("docs", "bob", true), ("scan", "runner", true)]) },
        // What a machine says is not for people to say, and the other way round.
        Row(.checklist, .waiting, "still `scan`") { listed(&$0, [("docs", "bob", true), ("scan", "bob", true)]) },
        Row(.checklist, .waiting, "still `docs`") {
            listed(&$0, [("docs", "runner", true), ("scan", "runner", true)])
        },
        Row(.checklist, .waiting, "`scan` says no: CVE") {
            listed(&$0, [("docs", "bob", true)])
            $0.answers.append(.init(item: "scan", by: "runner", isGood: false, planHash: "plan", detail: "CVE"))
        },
    ]

    static let times: [Row] = [
        Row(.window, .none, "") { _ in },
        Row(.window, .passed, "open now") { open(&$0, "2026-11-27T12:00") },
        Row(.window, .waiting, "outside the window") { open(&$0, "2026-11-27T18:00") },
        Row(.window, .skipped, "hotfix") {
            hotfix(&$0)
            open(&$0, "2026-11-27T18:00")
        },
        Row(.freeze, .passed, "no freeze") { _ in },
        Row(.freeze, .waiting, "holidays") { frozen(&$0, "2026-12-24T12:00") },
        // One that is to come blocks nothing now.
        Row(.freeze, .passed, "no freeze") { frozen(&$0, "2026-12-19T12:00") },
        Row(.freeze, .passed, "no freeze") { frozen(&$0, "2027-01-02T00:00") },
        Row(.freeze, .waiting, "migration (by bob)") {
            $0.freezes = [.init(until: nil, reason: "migration", by: "bob")]
        },
        Row(.freeze, .passed, "no freeze") { facts in
            facts.freezes = [.init(until: facts.now, reason: "migration", by: "bob")]
        },
    ]

    static let firm: [Row] = [
        Row(.repository, .refused, "only") {
            $0.environment.repositories = ["tools"]
            $0.overrides = [.init(gate: .repository, by: "eve", reason: "fire")]
        },
        Row(.refs, .refused, "pointed elsewhere") {
            $0.isTagMoved = true
            $0.overrides = [.init(gate: .refs, by: "eve", reason: "fire")]
        },
        Row(.signature, .refused, "not signed") {
            signed(&$0, .none)
            $0.overrides = [.init(gate: .signature, by: "eve", reason: "fire")]
        },
        Row(.lock, .waiting, "has it") {
            $0.holder = "deployment 12"
            $0.overrides = [.init(gate: .lock, by: "eve", reason: "fire")]
        },
    ]

    @Test(arguments: release + proofs + people + times + firm)
    func `a gate says what the facts say`(row: Row) {
        var facts = Self.facts
        row.change(&facts)
        let verdict = GateEvaluator.verdicts(facts).first { $0.gate == row.gate }
        let state: Row.State =
            switch verdict?.state {
            case nil: .none
            case .passed: .passed
            case .waiting: .waiting
            case .refused: .refused
            case .overridden: .overridden
            case .skipped: .skipped
            }
        #expect(state == row.state, "\(verdict.map(String.init(describing:)) ?? "no such gate")")
        let words = verdict?.words ?? ""
        #expect(row.words.isEmpty || words.contains(row.words), "\(words)")
    }

    // MARK: - Who and when next

    @Test func `who waits for the clock is told when`() throws {
        var facts = Self.facts
        Self.soaked(&facts, .init(healthy: .seconds(3600), isLive: true, isHealthyNow: true))
        Self.approved(&facts, 1, [])
        Self.frozen(&facts, "2026-12-24T12:00")
        let verdicts = GateEvaluator.verdicts(facts)
        guard case .waiting(_, let owner, let next, _)? = verdicts.first(where: { $0.gate == .soak })?.state else {
            throw Missing()
        }
        #expect(owner == "environment staging")
        #expect(next == facts.now.addingTimeInterval(23 * 3600))
        guard case .waiting(_, _, let free, _)? = verdicts.first(where: { $0.gate == .freeze })?.state else {
            throw Missing()
        }
        #expect(free == ZoneClock("Europe/Berlin")?.date(ofText: "2027-01-02"))
        guard case .waiting(_, _, _, let until)? = verdicts.first(where: { $0.gate == .approvals })?.state else {
            throw Missing()
        }
        #expect(until == facts.askedAt.addingTimeInterval(7 * 86_400))
        guard case .waits(let words, let first) = GateDecision(verdicts) else { throw Missing() }
        #expect(words.contains("soak: ") && words.contains("approvals: ") && words.contains("freeze: "))
        #expect(first == [next, free, until].compactMap(\.self).min())
    }

    @Test func `freezes that overlap end together`() throws {
        var facts = Self.facts
        Self.frozen(&facts, "2026-12-24T12:00")
        facts.environment.freezes.append(
            DeployFreeze(from: "2027-01-01", to: "2027-01-05", zone: "Europe/Berlin", reason: "inventory")
        )
        guard
            case .waiting(_, _, let next, _)? = GateEvaluator.verdicts(facts).first(where: { $0.gate == .freeze })?
                .state
        else { throw Missing() }
        #expect(next == ZoneClock("Europe/Berlin")?.date(ofText: "2027-01-05"))
    }

    @Test func `one that is refused is refused, whatever else waits`() {
        var facts = Self.facts
        facts.holder = "deployment 12"
        facts.isTagMoved = true
        guard case .refused(let words) = GateDecision(GateEvaluator.verdicts(facts)) else {
            return #expect(Bool(false))
        }
        #expect(words.hasPrefix("refs: "))
    }

    @Test func `with nothing to protect it is open`() {
        #expect(GateDecision(GateEvaluator.verdicts(Self.facts)) == .open)
    }

    struct Missing: Error {}
}

// MARK: - Facts

extension GateEvaluatorTests {
    static var facts: GateFacts {
        let target = DeployTarget(name: "web", path: "/srv")
        return GateFacts(
            environment: DeployEnvironment(
                name: "production",
                targets: [target],
                release: .directory(DirectoryRelease())
            ),
            release: DeployRelease(
                repository: "shop",
                version: "v1.2.0",
                ref: "refs/tags/v1.2.0",
                commit: "c",
                tree: "t",
                author: "Ada Lovelace <ada@example.org>",
                artifact: nil
            ),
            now: Date(timeIntervalSince1970: 1_795_000_000),
            askedBy: "asker",
            askedAt: Date(timeIntervalSince1970: 1_795_000_000),
            planHash: "plan"
        )
    }

    static func signed(_ facts: inout GateFacts, _ signature: GateFacts.Signature) {
        facts.environment.protection.requiresSignature = true
        facts.signature = signature
    }

    static func newer(
        _ facts: inout GateFacts,
        _ live: String?,
        _ ancestry: GateFacts.Ancestry = .unknown,
        _ ref: String = "refs/tags/v1.2.0"
    ) {
        facts.environment.protection.requiresNewer = true
        facts.release.ref = ref
        facts.ancestry = ancestry
        guard let live else { return }
        var release = facts.release
        release.version = live
        facts.live = release
    }

    static func proven(_ facts: inout GateFacts, _ evidence: GateFacts.Evidence?) {
        facts.environment.protection.passed = ["ci"]
        facts.passed["ci"] = evidence
    }

    static func soaked(_ facts: inout GateFacts, _ soak: GateFacts.Soak) {
        facts.environment.protection.after = .init(environment: "staging", healthy: .seconds(86_400))
        facts.soak = soak
    }

    static func approved(
        _ facts: inout GateFacts,
        _ count: Int,
        _ people: [String],
        role: Role = .approver,
        plan: String = "plan"
    ) {
        facts.environment.protection.approvals = .init(count: count)
        facts.approvals = people.map { .init(who: $0, role: role, isApproval: true, planHash: plan) }
    }

    static func listed(_ facts: inout GateFacts, _ answers: [(String, String, Bool)]) {
        facts.environment.protection.checklist = [
            .init(name: "docs", text: "The manual is up to date"),
            .init(name: "scan", text: "Scanned", check: Script("true")),
        ]
        facts.answers = answers.map { .init(item: $0.0, by: $0.1, isGood: $0.2, planHash: "plan") }
    }

    static func open(_ facts: inout GateFacts, _ now: String) {
        facts.environment.windows = [
            DeployWindow(days: DeployWindow.Day.allCases, from: 9 * 60, to: 17 * 60, zone: "Europe/Berlin")
        ]
        if let date = ZoneClock("Europe/Berlin")?.date(ofText: now) { facts.now = date }
    }

    static func frozen(_ facts: inout GateFacts, _ now: String) {
        facts.environment.freezes = [
            DeployFreeze(from: "2026-12-20", to: "2027-01-02", zone: "Europe/Berlin", reason: "holidays")
        ]
        if let date = ZoneClock("Europe/Berlin")?.date(ofText: now) { (facts.now, facts.askedAt) = (date, date) }
    }

    static func hotfix(_ facts: inout GateFacts) {
        facts.release.ref = "refs/heads/hotfix/login"
        facts.environment.hotfix = HotfixRules()
    }
}
