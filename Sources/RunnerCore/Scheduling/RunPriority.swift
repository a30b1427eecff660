/// What is started first where there is not room for all. From its ref alone, so that nobody can ask for more.
package enum RunPriority: Int, Sendable, Hashable, Codable, Comparable, CaseIterable {
    case other = 0
    case develop = 1
    case tag = 2
    case hotfix = 3

    /// `hotfix/*` before tags, tags before `develop`, `main` and `master`, those before everything else.
    package init(ref: String) {
        if ref.hasPrefix("refs/heads/hotfix/") {
            self = .hotfix
        } else if ref.hasPrefix("refs/tags/") {
            self = .tag
        } else if Self.trunks.contains(ref) {
            self = .develop
        } else {
            self = .other
        }
    }

    private static let trunks: Set<String> = ["refs/heads/develop", "refs/heads/main", "refs/heads/master"]

    package static func < (left: RunPriority, right: RunPriority) -> Bool { left.rawValue < right.rawValue }
}
