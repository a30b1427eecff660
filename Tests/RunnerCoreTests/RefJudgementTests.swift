import Git
import RunnerCore
import Testing

@Suite struct RefJudgementTests {
    struct Row: Sendable {
        var ref = "refs/heads/main"
        var kind = RefChange.Kind.created
        var old: String?
        var new: String?
        var runsAtFirstSight = false
        var runsMovedTags = false
        var isFirstSight = false
        var message = "Add parser"
        var verdict: RefJudgement
    }

    static let branches = [
        Row(new: "a", verdict: .run(.push)),
        Row(kind: .moved, old: "a", new: "b", verdict: .run(.push)),
        Row(kind: .forceMoved, old: "a", new: "b", verdict: .run(.push)),
        Row(
            kind: .deleted,
            old: "a",
            message: "[skip ci]",
            verdict: .cancelPending("branch main was deleted; it was at aaaaaaaaaa")
        ),
        Row(
            new: "a",
            isFirstSight: true,
            verdict: .record(
                "branch main was created at aaaaaaaaaa, at the first sight of web, and `first-run` is not set"
            )
        ),
        Row(new: "a", runsAtFirstSight: true, isFirstSight: true, verdict: .run(.push)),
        Row(
            kind: .forceMoved,
            old: "a",
            new: "b",
            message: "wip [skip ci]",
            verdict: .skip(.push, "the commit's message says `[skip ci]`")
        ),
    ]

    static let tags = [
        Row(ref: "refs/tags/v1", new: "a", verdict: .run(.tag)),
        Row(ref: "refs/tags/v1", new: "e@a", verdict: .run(.tag)),
        Row(
            ref: "refs/tags/v1",
            kind: .forceMoved,
            old: "e@a",
            new: "f@b",
            verdict: .record("tag v1 moved from aaaaaaaaaa to bbbbbbbbbb, and `moved-tags: run` is not set")
        ),
        Row(
            ref: "refs/tags/v1",
            kind: .forceMoved,
            old: "e@a",
            new: "f@a",
            verdict: .record(
                "tag v1 was made anew on aaaaaaaaaa: eeeeeeeeee became ffffffffff, and `moved-tags: run` is not set"
            )
        ),
        Row(ref: "refs/tags/v1", kind: .forceMoved, old: "a", new: "b", runsMovedTags: true, verdict: .run(.tag)),
        Row(
            ref: "refs/tags/v1",
            kind: .deleted,
            old: "e@a",
            verdict: .record("tag v1 was deleted; it was at aaaaaaaaaa")
        ),
        Row(
            ref: "refs/tags/v1",
            new: "a",
            isFirstSight: true,
            verdict: .record("tag v1 was created at aaaaaaaaaa, at the first sight of web, and `first-run` is not set")
        ),
        Row(
            ref: "refs/tags/v1",
            new: "a",
            message: "Release\n\n[no ci]",
            verdict: .skip(.tag, "the commit's message says `[no ci]`")
        ),
    ]

    @Test(arguments: branches + tags)
    func `a change leads to a run or to a reason`(row: Row) {
        let change = RefChange(
            ref: row.ref,
            kind: row.kind,
            old: row.old.map(Refs.target),
            new: row.new.map(Refs.target)
        )
        var repository = RepositoryDefinition(name: "web", url: "/srv/web.git")
        repository.runsAtFirstSight = row.runsAtFirstSight
        repository.runsMovedTags = row.runsMovedTags
        let verdict = RefJudgement.judge(
            change,
            of: repository,
            isFirstSight: row.isFirstSight,
            message: row.message
        )
        #expect(verdict == row.verdict)
    }

    @Test(arguments: [
        ("[skip ci]", true), ("Fix typo [ci skip]", true), ("a\n\nbody [Skip CI] more", true), ("x[NO CI]y", true),
        ("[CI SKIP]\n", true), ("skip ci", false), ("[skip  ci]", false), ("[skip-ci]", false), ("", false),
    ])
    func `a message that says so starts nothing`(message: String, isSkipped: Bool) {
        let change = RefChange(ref: "refs/heads/main", kind: .created, old: nil, new: Refs.target("a"))
        let repository = RepositoryDefinition(name: "web", url: "/srv/web.git")
        let verdict = RefJudgement.judge(change, of: repository, isFirstSight: false, message: message)
        #expect((verdict != .run(.push)) == isSkipped)
    }
}
