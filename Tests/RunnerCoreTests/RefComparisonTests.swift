import Git
import RunnerCore
import Testing

@Suite struct RefComparisonTests {
    /// Commits `a` to `d` follow each other; `x` is on no line with them.
    private func changes(_ old: [String: String], _ new: [String: String]) -> [String] {
        func snapshot(_ refs: [String: String]) -> RefSnapshot { RefSnapshot(refs.mapValues(Refs.target)) }
        let line = ["a", "b", "c", "d"].map(Refs.id)
        let found = RefComparison.changes(from: snapshot(old), to: snapshot(new)) { old, new in
            guard let first = line.firstIndex(of: old), let last = line.firstIndex(of: new) else { return false }
            return first <= last
        }
        return found.map { "\($0.ref) \($0.kind.rawValue)" }
    }

    @Test(arguments: [
        (["heads/m": "a"], ["heads/m": "a"], []),
        ([:], ["heads/m": "a"], ["heads/m created"]),
        (["heads/m": "a"], ["heads/m": "b"], ["heads/m moved"]),
        (["heads/m": "a"], ["heads/m": "d"], ["heads/m moved"]),
        (["heads/m": "b"], ["heads/m": "a"], ["heads/m force-moved"]),
        (["heads/m": "b"], ["heads/m": "x"], ["heads/m force-moved"]),
        (["heads/m": "a"], [:], ["heads/m deleted"]),
        (["heads/m": "a"], ["heads/n": "a"], ["heads/m deleted", "heads/n created"]),
        // Light tags, and annotated ones: the tag object, `@`, the commit.
        ([:], ["tags/v1": "a", "tags/v2": "e@a"], ["tags/v1 created", "tags/v2 created"]),
        (["tags/v1": "a"], ["tags/v1": "b"], ["tags/v1 force-moved"]),
        (["tags/v1": "e@a"], ["tags/v1": "f@b"], ["tags/v1 force-moved"]),
        (["tags/v1": "e@a"], ["tags/v1": "f@a"], ["tags/v1 force-moved"]),
        (["tags/v1": "a"], ["tags/v1": "e@a"], ["tags/v1 force-moved"]),
        (["tags/v1": "e@a"], ["tags/v1": "e@a"], []),
        (["tags/v1": "e@a"], [:], ["tags/v1 deleted"]),
        // A tag and a branch of one name.
        (["heads/v1": "a", "tags/v1": "a"], ["heads/v1": "b", "tags/v1": "a"], ["heads/v1 moved"]),
        (["heads/v1": "a", "tags/v1": "a"], ["tags/v1": "a"], ["heads/v1 deleted"]),
        (["heads/v1": "a"], ["heads/v1": "a", "tags/v1": "a"], ["tags/v1 created"]),
        // Neither branches nor tags.
        (["notes/x": "a", "pull/1/head": "a"], ["notes/x": "b", "runner/runs/1": "a"], []),
    ])
    func `the difference of two looks`(old: [String: String], new: [String: String], expected: [String]) {
        func full(_ refs: [String: String]) -> [String: String] {
            Dictionary(uniqueKeysWithValues: refs.map { ("refs/\($0.key)", $0.value) })
        }
        #expect(changes(full(old), full(new)) == expected.map { "refs/\($0)" })
    }

    @Test func `deletions come first, then branches, then tags, by name`() {
        let old = ["refs/tags/y": "a", "refs/heads/z": "a", "refs/heads/b": "a", "refs/tags/t": "a"]
        let new = ["refs/tags/t": "b", "refs/tags/a": "a", "refs/heads/b": "b", "refs/heads/a": "a"]
        #expect(
            changes(old, new) == [
                "refs/heads/z deleted", "refs/tags/y deleted", "refs/heads/a created", "refs/heads/b moved",
                "refs/tags/a created", "refs/tags/t force-moved",
            ]
        )
    }

    @Test func `what moved and came back between two looks is no change`() {
        #expect(changes(["refs/heads/m": "a"], ["refs/heads/m": "a"]) == [])
    }

    @Test func `a change has both ends`() throws {
        let old = RefSnapshot(["refs/heads/m": Refs.target("a")])
        let new = RefSnapshot(["refs/heads/m": Refs.target("b")])
        let change = try #require(RefComparison.changes(from: old, to: new) { _, _ in true }.first)
        #expect(change == RefChange(ref: "refs/heads/m", kind: .moved, old: Refs.target("a"), new: Refs.target("b")))
    }
}

/// Ids and targets from one letter.
enum Refs {
    static func id(_ digit: String) -> ObjectID {
        // `x` stands for a commit on no line with the others.
        ObjectID(String(repeating: digit == "x" ? "0" : digit, count: 40)) ?? .emptyTree
    }

    /// `a` is a commit, `e@a` a tag object on it.
    static func target(_ text: String) -> RefTarget {
        let parts = text.split(separator: "@").map { id(String($0)) }
        return RefTarget(object: parts.first ?? .emptyTree, commit: parts.last ?? .emptyTree)
    }
}
