import RunnerCore

/// What a release must have, and when it may go.
extension EnvironmentGrammar {
    static let protection = MappingShape(
        title: "`protection`",
        keys: refKeys + [
            Key(
                "passed",
                .oneOrMany(.scalar(.title)),
                "Pipelines that must have succeeded for this very tree.",
                example: "passed: [ci]"
            ),
            Key(
                "after",
                .mapping(after),
                "Another environment that must have had this very artifact before.",
                example: "after: { environment: staging, healthy: 24h }"
            ),
            Key(
                "approvals",
                .either([.scalar(.count(1...20)), .mapping(approvals)]),
                "People who must agree.",
                fallback: "nobody is asked",
                example: "approvals: 1"
            ),
            Key(
                "checklist",
                .mapping(checklist),
                "What must be true, by names that you choose.",
                example: "checklist: { docs: The manual is up to date }"
            ),
        ],
        hints: [
            "branches": "write `refs: { branches: [...] }`", "tags": "write `refs: { tags: [...] }`",
            "windows": "`windows` stands beside `protection`", "soak": "write `after: { environment, healthy }`",
            "signature": "write `signed: true`", "reviewers": "write `approvals: { from: [...] }`",
        ]
    )

    private static let refKeys = [
        Key(
            "refs",
            .mapping(refs),
            "Branches and tags whose releases are let in. Where one of both is left out, none of that kind is let in.",
            fallback: "any",
            example: "refs: { tags: [\"v*\"] }"
        ),
        Key(
            "signed",
            .scalar(.boolean),
            "`true`: the commit or tag must be signed by a key that the server trusts.",
            fallback: "`false`",
            example: "signed: true"
        ),
        Key(
            "newer",
            .scalar(.boolean),
            "`true`: a version must be above the live one's, a commit must descend from the live one's.",
            fallback: "`false`",
            example: "newer: true"
        ),
    ]

    private static let refs = MappingShape(
        title: "`refs`",
        keys: [
            Key(
                "branches",
                .oneOrMany(.scalar(.branchPattern)),
                "Patterns of branches.",
                fallback: "no branch",
                example: "branches: [main, \"hotfix/*\"]"
            ),
            Key(
                "tags",
                .either([.oneOrMany(.scalar(.tagPattern)), .mapping(PipelineGrammar.tags)]),
                "Patterns of tags, or a range of versions.",
                fallback: "no tag",
                example: "tags: { semver: \">=1.0.0\" }"
            ),
        ],
        isEmptyAllowed: false
    )

    private static let after = MappingShape(
        title: "`after`",
        keys: [
            Key("environment", .scalar(.name), "Its name.", example: "environment: staging", isRequired: true),
            Key(
                "healthy",
                .scalar(.environment(.time)),
                "For how long. Minutes in which it was not healthy do not count.",
                example: "healthy: 24h",
                isRequired: true
            ),
        ]
    )

    private static let approvals = MappingShape(
        title: "`approvals`",
        keys: [
            Key("count", .scalar(.count(1...20)), "How many.", fallback: "`1`", example: "count: 2"),
            Key(
                "from",
                .oneOrMany(.scalar(.title)),
                "People or roles, at least one of each.",
                fallback: "whoever may approve",
                example: "from: [alice, approver]"
            ),
            Key(
                "may-be-author",
                .scalar(.boolean),
                "`true`: whoever wrote the commit or asked for the deployment counts, too.",
                fallback: "`false`",
                example: "may-be-author: false"
            ),
            Key(
                "within",
                .scalar(.environment(.time)),
                "After that a deployment that still waits is rejected.",
                fallback: "`7d`",
                example: "within: 7d"
            ),
        ]
    )

    private static let checklist = MappingShape(
        title: "`checklist`",
        others: .init(placeholder: "ITEM", name: .name, shape: .either([.scalar(.title), .mapping(item)])),
        isEmptyAllowed: false
    )

    private static let item = MappingShape(
        title: "an item of `checklist`",
        keys: [
            Key("text", .scalar(.title), "What must be true.", example: "text: No known flaws", isRequired: true),
            Key(
                "run",
                .scalar(.script),
                "A script that finds it out; exit code 0 is yes.",
                fallback: "a person signs it",
                example: "run: ./scan"
            ),
            timeout("How long the script may take."),
        ]
    )

    static let window = MappingShape(
        title: "a window",
        keys: [
            Key(
                "days",
                .oneOrMany(.scalar(.environment(.days))),
                "Days on which it opens.",
                fallback: "every day",
                example: "days: mon-thu"
            ),
            Key(
                "from",
                .scalar(.environment(.clock)),
                "When it opens.",
                example: "from: \"09:00\"",
                isRequired: true
            ),
            Key(
                "to",
                .scalar(.environment(.clock)),
                "When it closes; at or before `from` it is the next day.",
                example: "to: \"17:00\"",
                isRequired: true
            ),
            zone,
        ]
    )

    static let freeze = MappingShape(
        title: "a freeze",
        keys: [
            Key(
                "from",
                .scalar(.environment(.moment)),
                "The first moment of it. A day alone is its beginning.",
                example: "from: 2026-12-20",
                isRequired: true
            ),
            Key(
                "to",
                .scalar(.environment(.moment)),
                "The first moment after it. A day alone is its beginning.",
                example: "to: 2027-01-02T06:00",
                isRequired: true
            ),
            zone,
            Key(
                "reason",
                .scalar(.title),
                "What people who must wait are told.",
                example: "reason: holidays",
                isRequired: true
            ),
        ]
    )

    /// A window in the wrong zone opens in the night: so it is always said.
    private static let zone = Key(
        "zone",
        .scalar(.zone),
        "The IANA time zone of the clock on the wall.",
        example: "zone: Europe/Berlin",
        isRequired: true
    )

    static let hotfix = MappingShape(
        title: "`hotfix`",
        keys: [
            Key(
                "branches",
                .oneOrMany(.scalar(.branchPattern)),
                "Branches with the right of way. `protection.refs` must let them in, too.",
                fallback: "`hotfix/*`",
                example: "branches: [\"hotfix/*\"]"
            ),
            Key(
                "skip",
                .oneOrMany(.scalar(.environment(.waitingGate))),
                "What does not hold it up.",
                fallback: "`soak`, `window`, `newer`",
                example: "skip: [soak, window, newer]"
            ),
            Key(
                "approvals",
                .scalar(.count(0...20)),
                "How many, in place of the usual number.",
                fallback: "`1`",
                example: "approvals: 1"
            ),
            Key(
                "watch",
                .scalar(.environment(.time)),
                "How long it is watched, in place of the usual time.",
                fallback: "`watch.for`",
                example: "watch: 1h"
            ),
            Key(
                "merge-back",
                .scalar(.environment(.branch)),
                "The branch that must have the fix in the end.",
                fallback: "`develop`",
                example: "merge-back: develop"
            ),
        ]
    )
}
