import RunnerCore

/// How a release shows that it is good.
extension EnvironmentGrammar {
    static let health = MappingShape(
        title: "`health`",
        keys: [
            Key(
                "http",
                .either([.scalar(.environment(.healthPath)), .mapping(httpProbe)]),
                "A request to the target's address, or to a whole url. An answer of 200 to 299 is good.",
                example: "http: /health"
            ),
            Key("tcp", .scalar(.boolean), "`true`: a connection to the target's address.", example: "tcp: true"),
            Key(
                "command",
                .scalar(.script),
                "A script on the target, with `$RUNNER_ADDRESS`; exit code 0 is good.",
                example: "command: ./healthy"
            ),
            Key(
                "interval",
                .scalar(.environment(.time)),
                "Between two looks.",
                fallback: "`1s`",
                example: "interval: 1s"
            ),
            Key(
                "timeout",
                .scalar(.environment(.time)),
                "How long one answer may take.",
                fallback: "`5s`",
                example: "timeout: 5s"
            ),
            Key(
                "threshold",
                .scalar(.count(1...1_000)),
                "Good answers in a row that make a target healthy, and bad ones that make it unhealthy again.",
                fallback: "`2`",
                example: "threshold: 2"
            ),
            Key(
                "deadline",
                .scalar(.environment(.time)),
                "By then a new release must be healthy.",
                fallback: "`60s`",
                example: "deadline: 60s"
            ),
        ],
        ways: [["http", "tcp", "command"]],
        hints: ["path": "write `http: /PATH`", "url": "write `http: URL`", "retries": "write `threshold`"]
    )

    private static let httpProbe = MappingShape(
        title: "`http` of `health`",
        keys: [
            Key(
                "path",
                .scalar(.environment(.healthPath)),
                "From the target's address, or a whole url.",
                example: "path: /health",
                isRequired: true
            ),
            Key(
                "status",
                .oneOrMany(.scalar(.count(100...599))),
                "Status codes that are good.",
                fallback: "200 to 299",
                example: "status: [200]"
            ),
            Key(
                "json",
                .mapping(members),
                "Members of the answer's JSON object, and the values that they must have; dots reach deeper.",
                example: "json: { status: healthy }"
            ),
            Key("contains", .scalar(.title), "Text that the answer must have.", example: "contains: ok"),
        ]
    )

    private static let members = MappingShape(
        title: "`json`",
        others: .init(placeholder: "MEMBER", name: .title, shape: .scalar(.text)),
        isEmptyAllowed: false
    )

    static let smoke = MappingShape(
        title: "`smoke`",
        keys: [
            Key("run", .scalar(.script), "The script.", example: "run: ./smoke", isRequired: true),
            timeout("How long it may take."),
        ]
    )

    static let watch = MappingShape(
        title: "`watch`",
        keys: [
            Key(
                "for",
                .scalar(.environment(.time)),
                "How long the release must stay good. Time without an answer does not count.",
                example: "for: 10m",
                isRequired: true
            ),
            Key(
                "interval",
                .scalar(.environment(.time)),
                "Between two readings.",
                fallback: "`30s`",
                example: "interval: 30s"
            ),
            Key(
                "rules",
                .mapping(rules),
                "Numbers that must stay within a bound, by names that you choose.",
                fallback: "health alone",
                example: "rules: { slow: { command: ./latency, above: 2 } }"
            ),
        ]
    )

    private static let rules = MappingShape(
        title: "`rules`",
        others: .init(placeholder: "RULE", name: .name, shape: .mapping(rule)),
        isEmptyAllowed: false
    )

    private static let rule = MappingShape(
        title: "a rule",
        keys: [
            Key(
                "prometheus",
                .mapping(prometheus),
                "A query to Prometheus.",
                example: "prometheus: { url: \"http://127.0.0.1:9090\", query: 'sum(errors{version=\"{version}\"})' }"
            ),
            Key(
                "http",
                .mapping(httpSource),
                "A number in the JSON that a url answers with.",
                example: "http: { url: \"http://127.0.0.1:8080/metrics.json\", path: errors.rate }"
            ),
            Key("command", .scalar(.script), "A script that prints a number.", example: "command: ./queue-length"),
            Key(
                "probe",
                .scalar(.choice(["error-rate", "p95"])),
                "Of our own requests by `health.http`: failed ones in percent, or the seconds within which 95 of 100 "
                    + "are answered.",
                example: "probe: p95"
            ),
            Key("above", .scalar(.environment(.decimal)), "A number above it is bad.", example: "above: 5"),
            Key("below", .scalar(.environment(.decimal)), "A number below it is bad.", example: "below: 1"),
            Key(
                "failures",
                .scalar(.count(1...1_000)),
                "Bad readings in a row that take the release back.",
                fallback: "`2`",
                example: "failures: 2"
            ),
            Key(
                "compare",
                .scalar(.choice(["stable"])),
                "In a canary: only bad where it is worse than the old release's, too.",
                fallback: "the bound alone decides",
                example: "compare: stable"
            ),
        ],
        ways: [["prometheus", "http", "command", "probe"], ["above", "below"]],
        hints: ["max": "write `above`", "min": "write `below`", "query": "write `prometheus: { url, query }`"]
    )

    private static let prometheus = MappingShape(
        title: "`prometheus`",
        keys: [
            Key(
                "url",
                .scalar(.environment(.url)),
                "Where Prometheus answers.",
                example: "url: http://127.0.0.1:9090",
                isRequired: true
            ),
            Key(
                "query",
                .scalar(.title),
                "An instant query with one number as its answer; `{version}` and `{environment}` are replaced.",
                example: "query: 'sum(rate(errors{version=\"{version}\"}[1m]))'",
                isRequired: true
            ),
        ]
    )

    private static let httpSource = MappingShape(
        title: "`http` of a rule",
        keys: [
            Key(
                "url",
                .scalar(.environment(.url)),
                "What answers with a JSON document.",
                example: "url: http://127.0.0.1:8080/metrics.json",
                isRequired: true
            ),
            Key(
                "path",
                .scalar(.title),
                "The number's place in it; dots reach deeper.",
                example: "path: errors.rate",
                isRequired: true
            ),
        ]
    )
}
