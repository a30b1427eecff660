/// Which refs are protected: a promise of the server's file that only trusted people can move them.
package struct ProtectedRefs: Sendable, Hashable {
    package static let usualBranches = ["main", "master", "develop", "release/**", "hotfix/**"]
    package static let usualTags = ["v*"]

    package var branches: PatternList
    package var tags: PatternList

    package init(
        branches: PatternList = PatternList(Self.usualBranches),
        tags: PatternList = PatternList(Self.usualTags)
    ) {
        self.branches = branches
        self.tags = tags
    }

    /// The trust in an event. A work tree is its owner's alone, whatever branch it stands on.
    package func trust(in event: RunEvent) -> RefTrust {
        guard !event.isWorkingTree else { return .ordinary }
        if event.ref.hasPrefix("refs/heads/"), branches.matches(event.shortRef) { return .protected }
        if event.ref.hasPrefix("refs/tags/"), tags.matches(event.shortRef) { return .protected }
        return .ordinary
    }
}
