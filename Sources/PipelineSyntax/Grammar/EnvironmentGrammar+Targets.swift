import RunnerCore

/// Targets, and the order in which they are changed.
extension EnvironmentGrammar {
    static let targets = MappingShape(
        title: "`targets`",
        others: .init(placeholder: "TARGET", name: .name, shape: .mapping(target)),
        isEmptyAllowed: false
    )

    private static let target = MappingShape(
        title: "a target",
        keys: hostKeys + [
            Key(
                "path",
                .scalar(.absolutePath),
                "Where `release.directory` keeps the releases.",
                fallback: "none; `release.directory` needs it",
                example: "path: /srv/shop"
            ),
            Key(
                "address",
                .scalar(.environment(.address)),
                "Where the release answers. Traffic and health checks go there.",
                fallback: "none; `traffic`, `release.container` and health over the network need it",
                example: "address: 10.0.0.1:8080"
            ),
            Key(
                "slots",
                .mapping(slots),
                "Two places beside each other, each with an address, for `blue-green` and `canary`.",
                example: "slots: { blue: \"10.0.0.1:8081\", green: \"10.0.0.1:8082\" }"
            ),
            Key(
                "labels",
                .oneOrMany(.scalar(.name)),
                "Words by which people find it.",
                example: "labels: [eu]"
            ),
            Key(
                "weight",
                .scalar(.count(1...1_000)),
                "Its share of the traffic beside the others.",
                fallback: "`100`",
                example: "weight: 100"
            ),
        ],
        hints: [
            "user": "write `host: ssh://USER@HOST`", "port": "write `host: ssh://HOST:PORT`, or `address: HOST:PORT`",
            "key": "write `identity: /PATH`", "password": "name a key in its place: `identity: /PATH`",
            "directory": "write `path`", "url": "write `address: HOST:PORT`", "ssh": "write `host: ssh://USER@HOST`",
        ]
    )

    private static let slots = MappingShape(
        title: "`slots`",
        keys: DeployTarget.Slot.allCases.map { slot in
            Key(
                slot.rawValue,
                .scalar(.environment(.address)),
                "Where the release in this slot answers.",
                example: "\(slot.rawValue): 10.0.0.1:8081",
                isRequired: true
            )
        }
    )

    static let strategy = MappingShape(
        title: "`strategy`",
        keys: [
            Key(
                "rolling",
                .mapping(rolling),
                "Some targets after the others; each batch is healthy before the next begins.",
                example: "rolling: { batch: 1, pause: 0s }"
            ),
            Key(
                "blue-green",
                .mapping(blueGreen),
                "The idle slots get the release, then all traffic is switched at once. Needs `slots` and `traffic`.",
                example: "blue-green: { keep: 10m }"
            ),
            Key(
                "canary",
                .mapping(canary),
                "A growing share of the traffic goes to the release; each step is held and judged. Needs `traffic`, and "
                    + "`slots` or several targets.",
                example: "canary: { steps: [{ weight: 5, hold: 10m }, { weight: 50, hold: 10m }] }"
            ),
        ],
        ways: [["rolling", "blue-green", "canary"]],
        hints: ["all-at-once": "write `strategy: all-at-once`"]
    )

    private static let rolling = MappingShape(
        title: "`rolling`",
        keys: [
            Key(
                "batch",
                .scalar(.environment(.portion)),
                "How many targets are changed at the same time; of a share, at least one.",
                fallback: "`1`",
                example: "batch: 25%"
            ),
            Key(
                "pause",
                .scalar(.duration),
                "Between a healthy batch and the next.",
                fallback: "`0s`",
                example: "pause: 10s"
            ),
        ]
    )

    private static let blueGreen = MappingShape(
        title: "`blue-green`",
        keys: [
            Key(
                "keep",
                .scalar(.duration),
                "How long the old release runs on, so that going back is one switch.",
                fallback: "`10m`",
                example: "keep: 30m"
            )
        ]
    )

    private static let canary = MappingShape(
        title: "`canary`",
        keys: [
            Key(
                "steps",
                .list(.mapping(canaryStep)),
                "In their order, each with more weight than the one before. After the last one all traffic goes there.",
                example: "steps: [{ weight: 5, hold: 10m }, { weight: 50, hold: 10m }]",
                isRequired: true
            )
        ]
    )

    private static let canaryStep = MappingShape(
        title: "a step of `canary`",
        keys: [
            Key(
                "weight",
                .scalar(.count(1...99)),
                "The release's share of all traffic, in percent.",
                example: "weight: 5",
                isRequired: true
            ),
            Key(
                "hold",
                .scalar(.duration),
                "How long it is watched with this share.",
                example: "hold: 10m",
                isRequired: true
            ),
        ]
    )
}
