/// What a release must have before it may go to an environment.
package struct Protection: Sendable, Hashable {
    /// Refs whose releases are let in; `nil` means any, an empty list means none.
    package var branches: PatternList?
    package var tags: PatternList?
    /// Narrows `tags` to versions in this range; `nil` narrows nothing.
    package var versions: SemanticVersionRange?
    /// The commit or tag must be signed by a key that the server trusts.
    package var requiresSignature = false
    /// Its version must be above the live one's; commits must descend from the live one's.
    package var requiresNewer = false
    /// Pipelines that must have succeeded for this very tree.
    package var passed: [String] = []
    /// An environment that must have had this very artifact, healthy, for as long.
    package var after: Soak?
    package var approvals: Approvals?
    package var checklist: [ChecklistItem] = []

    package init() {}

    package struct Soak: Sendable, Hashable {
        package var environment: String
        /// Minutes in which it was not healthy do not count.
        package var healthy: Duration

        package init(environment: String, healthy: Duration) {
            self.environment = environment
            self.healthy = healthy
        }
    }

    package struct Approvals: Sendable, Hashable {
        package var count: Int
        /// At least one of each of these people or roles; empty means whoever may approve.
        package var from: [String]
        /// False: whoever wrote the commit, or asked for the deployment, counts not.
        package var mayBeAuthor: Bool
        /// After that a deployment that waits for it is rejected.
        package var within: Duration

        package init(
            count: Int = 1,
            from: [String] = [],
            mayBeAuthor: Bool = false,
            within: Duration = .seconds(7 * 86_400)
        ) {
            self.count = count
            self.from = from
            self.mayBeAuthor = mayBeAuthor
            self.within = within
        }
    }

    package struct ChecklistItem: Sendable, Hashable {
        package var name: String
        package var text: String
        /// A machine answers it; `nil`: a person signs it.
        package var check: Script?

        package init(name: String, text: String, check: Script? = nil) {
            self.name = name
            self.text = text
            self.check = check
        }
    }

    /// The gates, by the name that `hotfix` and overrides call them.
    package enum GateName: String, Sendable, Hashable, Codable, CaseIterable {
        case repository, refs, signature, newer, passed, soak, approvals, window, freeze, checklist, lock

        /// What says what the release is, and that one works at a time, holds in every emergency.
        package var canBeSetAside: Bool { ![.repository, .refs, .signature, .lock].contains(self) }
    }
}

/// A part of the week in which deployments may begin.
package struct DeployWindow: Sendable, Hashable {
    package enum Day: Int, Sendable, Hashable, CaseIterable {
        case sunday, monday, tuesday, wednesday, thursday, friday, saturday
    }

    /// Days on which it opens; never empty.
    package var days: [Day]
    /// Minutes of the day on the wall's clock. `to` at or below `from` means the next day.
    package var from: Int
    package var to: Int
    /// IANA, as `Europe/Berlin`.
    package var zone: String

    package init(days: [Day], from: Int, to: Int, zone: String) {
        self.days = days
        self.from = from
        self.to = to
        self.zone = zone
    }
}

/// A time in which nothing is deployed.
package struct DeployFreeze: Sendable, Hashable {
    /// On the wall's clock of `zone`, as `2026-12-20T18:00`; inclusive.
    package var from: String
    /// Exclusive.
    package var to: String
    package var zone: String
    package var reason: String

    package init(from: String, to: String, zone: String, reason: String) {
        self.from = from
        self.to = to
        self.zone = zone
        self.reason = reason
    }
}

/// The fast track: it skips waiting, never checking.
package struct HotfixRules: Sendable, Hashable {
    package var branches: PatternList
    /// Gates that do not hold it up. `refs`, `signature`, `passed`, `checklist` and `lock` cannot be among them.
    package var skips: [Protection.GateName]
    /// In place of the usual number.
    package var approvals: Int
    /// In place of the usual bake time.
    package var bake: Duration?
    /// The branch that must have the fix, in the end.
    package var mergeBack: String?

    package init(
        branches: PatternList = PatternList(["hotfix/*"]),
        skips: [Protection.GateName] = [.soak, .window, .newer],
        approvals: Int = 1,
        bake: Duration? = nil,
        mergeBack: String? = "develop"
    ) {
        self.branches = branches
        self.skips = skips
        self.approvals = approvals
        self.bake = bake
        self.mergeBack = mergeBack
    }
}
