import Git
import RunnerCore
import Testing

/// Who gets a secret: every condition, fitting and not.
@Suite struct SecretReleaseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var ref = "refs/heads/main"
        var isWorkingTree = false
        var stage = "publish"
        var environment: String?
        var rule: SecretRule?
        /// Part of the reason; `nil` where the stage gets it.
        var refusal: String?
    }

    static func rule(_ change: (inout SecretRule) -> Void = { _ in }) -> SecretRule {
        var rule = SecretRule(name: "TOKEN")
        change(&rule)
        return rule
    }

    static let feature = "refs/heads/feature/x"

    static let refs: [Case] = [
        Case(testDescription: "a protected branch gets what has no rule"),
        Case(testDescription: "a protected tag gets what has no rule", ref: "refs/tags/v1.0.0"),
        Case(
            testDescription: "an ordinary branch gets nothing by itself",
            ref: feature,
            refusal: "`feature/x` is none"
        ),
        Case(testDescription: "an ordinary tag gets nothing by itself", ref: "refs/tags/x", refusal: "`x` is none"),
        Case(
            testDescription: "a tag that is called as a protected branch is an ordinary ref",
            ref: "refs/tags/main",
            refusal: "`main` is none"
        ),
        Case(
            testDescription: "a fork's head is an ordinary ref",
            ref: "refs/pull/7/head",
            refusal: "goes to protected refs alone"
        ),
        Case(
            testDescription: "a rule without refs means protected ones",
            ref: feature,
            rule: rule(),
            refusal: "`feature/x` is none"
        ),
        Case(testDescription: "a rule without refs lets protected ones have it", rule: rule()),
        Case(
            testDescription: "a rule may name an ordinary branch",
            ref: feature,
            rule: rule { $0.branches = PatternList(["feature/**"]) }
        ),
        Case(
            testDescription: "a rule's branches are all: a protected one beside them gets nothing",
            rule: rule { $0.branches = PatternList(["release/**"]) },
            refusal: "branch `main`: its rule names branches `release/**`"
        ),
        Case(
            testDescription: "a rule's branches leave out what they exclude",
            ref: feature,
            rule: rule { $0.branches = PatternList(["**", "!feature/**"]) },
            refusal: "branch `feature/x`"
        ),
        Case(
            testDescription: "a rule with branches alone is for no tag",
            ref: "refs/tags/v1",
            rule: rule { $0.branches = PatternList(["**"]) },
            refusal: "it is not for tag `v1`"
        ),
        Case(
            testDescription: "a rule with tags alone is for no branch",
            rule: rule { $0.tags = PatternList(["v*"]) },
            refusal: "it is not for branch `main`"
        ),
        Case(
            testDescription: "a rule may name tags",
            ref: "refs/tags/nightly",
            rule: rule { $0.tags = PatternList(["nightly"]) }
        ),
        Case(
            testDescription: "a rule's patterns do not match a fork's head",
            ref: "refs/pull/7/head",
            rule: rule { $0.branches = PatternList(["**"]) },
            refusal: "it is not for branch"
        ),
        Case(
            testDescription: "an empty list of branches is none",
            rule: rule { $0.branches = PatternList([]) },
            refusal: "its rule names no branches"
        ),
        Case(
            testDescription: "a work tree gets nothing, whatever it stands on",
            isWorkingTree: true,
            rule: rule { $0.branches = PatternList(["**"]) },
            refusal: "a work tree gets no secrets"
        ),
    ]

    static let places: [Case] = [
        Case(testDescription: "its repository", rule: rule { $0.repositories = ["web"] }),
        Case(
            testDescription: "another repository",
            rule: rule { $0.repositories = ["api", "infra"] },
            refusal: "it is not for repository `web`: its rule names repositories `api`, `infra`"
        ),
        Case(testDescription: "its pipeline", rule: rule { $0.pipelines = ["release"] }),
        Case(
            testDescription: "another pipeline",
            rule: rule { $0.pipelines = ["nightly"] },
            refusal: "it is not for pipeline `release`"
        ),
        Case(testDescription: "its stage", rule: rule { $0.stages = ["publish"] }),
        Case(
            testDescription: "another stage",
            stage: "test",
            rule: rule { $0.stages = ["publish"] },
            refusal: "it is not for stage `test`"
        ),
        Case(
            testDescription: "its environment",
            environment: "production",
            rule: rule { $0.environments = ["production"] }
        ),
        Case(
            testDescription: "another environment",
            environment: "staging",
            rule: rule { $0.environments = ["production"] },
            refusal: "it is not for environment `staging`"
        ),
        Case(
            testDescription: "no environment, where the rule names one",
            rule: rule { $0.environments = ["production"] },
            refusal: "it is not for a stage that deploys nowhere"
        ),
        Case(
            testDescription: "all conditions must fit: the ref as well",
            ref: feature,
            rule: rule {
                $0.repositories = ["web"]
                $0.stages = ["publish"]
            },
            refusal: "goes to protected refs alone"
        ),
    ]

    @Test(arguments: refs + places) func `who gets a secret`(example: Case) {
        let event = RunEvent(
            kind: .push,
            ref: example.ref,
            commit: nil,
            tree: .emptyTree,
            isWorkingTree: example.isWorkingTree,
            message: "",
            author: ""
        )
        let release = SecretRelease(
            repository: "web",
            event: event,
            trust: ProtectedRefs().trust(in: event),
            pipeline: "release"
        )
        let refusal = release.refusal(
            of: "TOKEN",
            to: example.stage,
            environment: example.environment,
            rule: example.rule
        )
        guard let expected = example.refusal else {
            #expect(refusal == nil)
            return
        }
        #expect(refusal?.secret == "TOKEN")
        #expect(refusal?.why.contains(expected) == true, "\(refusal?.why ?? "released")")
        #expect(refusal?.hint != nil)
    }

    @Test(arguments: [
        ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", ""), ("", ""), ("a\r", "a\r"),
    ])
    func `one line end is taken off`(text: String, value: String) {
        #expect(SecretText.withoutLineEnd(text) == value)
    }

    @Test(arguments: ["", "a/../b", "a b", "a@b", "-a", "_a", ".a", String(repeating: "a", count: 101)])
    func `what no environment is called has no secrets`(name: String) {
        #expect(!SecretName.isEnvironment(name))
        #expect(SecretName.isEnvironment("eu-1.production_2"))
    }

    @Test(arguments: ["", "1A", "A-B", "A@B", "A B", "RUNNER_TOKEN", "PATH", String(repeating: "A", count: 201)])
    func `what no variable is called is no secret's name`(name: String) {
        #expect(!SecretName.isName(name))
        #expect(SecretName.isName("NPM_TOKEN"))
    }
}
