import RunnerCore
import Testing

@Suite struct TriggerTests {
    static let everything = ChangedPaths.everything(because: "the branch is new")
    static let source = ChangedPaths.paths([Array("docs/a.md".utf8), Array("Sources/a.swift".utf8)])

    @Test(arguments: [
        (Triggers(), "refs/heads/main", false, "it has no `on` and runs only when it is named"),
        (
            Triggers(branches: PatternList(["develop"])), "refs/heads/develop", true,
            "branch develop matches \"develop\""
        ),
        (
            Triggers(branches: PatternList(["main", "release/**"])), "refs/heads/x", false,
            "branch x matches none of \"main\", \"release/**\""
        ),
        (Triggers(branches: PatternList(["main"])), "refs/heads/x", false, "branch x does not match \"main\""),
        (
            Triggers(branches: PatternList(["**", "!wip-*"])), "refs/heads/wip-1", false,
            "branch wip-1 is taken away by \"!wip-*\""
        ),
        (Triggers(branches: PatternList(["v1"])), "refs/other/v1", false, "refs/other/v1 is no branch"),
        (Triggers(tags: .patterns(PatternList(["*"]))), "refs/heads/v1", false, "it has no `branches`"),
        (
            Triggers(branches: PatternList(["*"]), paths: PatternList(["Sources/**"])), "refs/heads/a", true,
            "branch a matches \"*\" and Sources/a.swift matches \"Sources/**\""
        ),
        (
            Triggers(branches: PatternList(["*"]), paths: PatternList(["Tests/**"])), "refs/heads/a", false,
            "branch a matches \"*\", but none of 2 changed files matches \"Tests/**\""
        ),
        (
            Triggers(paths: PatternList(["**", "!docs/**"])), "refs/heads/a", true,
            "any branch matches and Sources/a.swift matches \"**\""
        ),
    ])
    func `a push of a branch`(triggers: Triggers, ref: String, isMatch: Bool, reason: String) {
        let match = Self.match(triggers, Fixture.event(ref), Self.source)
        #expect(match?.isMatch == isMatch)
        #expect(match?.reason == reason)
    }

    @Test(arguments: [
        (ChangedPaths.paths([]), false, "branch a matches \"*\", but no file changed"),
        (everything, true, "branch a matches \"*\"; every path counts as changed: the branch is new"),
        (.paths([[0xff]]), false, "branch a matches \"*\", but the changed file does not match \"Sources/**\""),
    ])
    func `changed paths narrow branches`(changed: ChangedPaths, isMatch: Bool, reason: String) {
        let triggers = Triggers(branches: PatternList(["*"]), paths: PatternList(["Sources/**"]))
        let match = Self.match(triggers, Fixture.event("refs/heads/a"), changed)
        #expect(match?.isMatch == isMatch)
        #expect(match?.reason == reason)
    }

    @Test(arguments: [
        (Triggers(branches: PatternList(["**"])), "v1.0.0", false, "it has no `tags`"),
        (Triggers(tags: .patterns(PatternList(["v*"]))), "v1.0.0", true, "tag v1.0.0 matches \"v*\""),
        (
            Triggers(tags: .patterns(PatternList(["v*"])), paths: PatternList(["none"])), "v1", true,
            "tag v1 matches \"v*\""
        ),
        (Triggers(tags: .semver(SemanticVersionRange(source: ">=1"))), "v1.2.3", true, "tag v1.2.3 is in \">=1\""),
        (Triggers(tags: .semver(SemanticVersionRange(source: ">=1"))), "v0.2.3", false, "tag v0.2.3 is not in \">=1\""),
        (Triggers(tags: .semver(SemanticVersionRange(source: ">=1"))), "v1", false, "tag v1 is no semantic version"),
        (
            Triggers(tags: .semver(SemanticVersionRange(source: ">=1"))), "v2.0.0-rc.1", false,
            "tag v2.0.0-rc.1 is not in \">=1\", which takes pre-releases only by name"
        ),
    ])
    func `a push of a tag`(triggers: Triggers, tag: String, isMatch: Bool, reason: String) {
        let match = Self.match(triggers, Fixture.event("refs/tags/" + tag, .tag), Self.source)
        #expect(match?.isMatch == isMatch)
        #expect(match?.reason == reason)
    }

    @Test(arguments: [
        (RunEvent.Kind.schedule, Triggers(schedules: [Schedule(cron: "0 3 * * *")]), true),
        (.schedule, Triggers(manual: ManualTrigger()), false), (.manual, Triggers(manual: ManualTrigger()), true),
        (.manual, Triggers(branches: PatternList(["**"])), false),
    ])
    func `schedules and people`(kind: RunEvent.Kind, triggers: Triggers, isMatch: Bool) {
        #expect(Self.match(triggers, Fixture.event("refs/heads/a", kind), Self.everything)?.isMatch == isMatch)
    }

    private static func match(_ triggers: Triggers, _ event: RunEvent, _ changed: ChangedPaths) -> PipelineMatch? {
        let pipeline = Pipeline(name: "ci", file: "pipelines/ci.yml", triggers: triggers, stages: [])
        return Planner.match([pipeline], event, changed: changed).first
    }
}
