import RunnerCore

/// Every key of a file of `runner-config/environments`, once.
enum EnvironmentGrammar {
    static let root = MappingShape(
        title: "an environment",
        keys: placeKeys + rolloutKeys + proofKeys + dataKeys + ruleKeys,
        hints: [
            "environment": "the file's name is the environment's", "env": "write `variables`",
            "hosts": "write `targets`", "servers": "write `targets`", "target": "write `targets`",
            "deploy": "write `release`", "driver": "write `release`", "proxy": "write `traffic`",
            "healthcheck": "write `health`", "database": "write `migrations: { database: NAME }`",
            "branches": "write `protection: { refs: { branches: [...] } }`",
            "tags": "write `protection: { refs: { tags: [...] } }`",
            "approvals": "write `protection: { approvals: 1 }`", "refs": "write `protection: { refs: {...} }`",
            "checklist": "write `protection: { checklist: {...} }`", "window": "write `windows`",
            "freeze": "write `freezes`", "schedule": "write `backup: { schedule: {...} }` or `drill`",
        ],
        allowsExtensions: true
    )

    private static let placeKeys = [
        Key(
            "name",
            .scalar(.name),
            "The environment's name. Where it is written, it must be the file's.",
            fallback: "the file's name",
            example: "name: production"
        ),
        Key(
            "url",
            .scalar(.environment(.url)),
            "Where people find it.",
            example: "url: https://shop.example.com"
        ),
        Key(
            "repositories",
            .oneOrMany(.scalar(.repositoryName)),
            "Who may deploy here, by the names that the server watches them under.",
            fallback: "every repository",
            example: "repositories: [shop]"
        ),
        Key(
            "variables",
            .mapping(variables),
            "Variables of every script that runs for the environment.",
            example: "variables: { LOG_LEVEL: warn }"
        ),
        Key(
            "secrets",
            .oneOrMany(.scalar(.secret)),
            "Secrets of the server that the same scripts get as variables.",
            example: "secrets: [DATABASE_URL]"
        ),
        Key(
            "targets",
            .mapping(targets),
            "What runs the release, in the order in which it is changed.",
            example: "targets: { here: { path: /srv/shop, address: \"127.0.0.1:8080\" } }",
            isRequired: true
        ),
    ]

    private static let rolloutKeys = [
        Key(
            "strategy",
            .either([.scalar(.choice(["all-at-once", "rolling", "blue-green"])), .mapping(strategy)]),
            "How a release takes the place of the one before.",
            fallback: "`all-at-once`",
            example: "strategy: { rolling: { batch: 25%, pause: 10s } }"
        ),
        Key(
            "release",
            .mapping(release),
            "What puts a release onto a target and makes it run.",
            example: "release: { directory: { restart: systemctl restart shop } }",
            isRequired: true
        ),
        Key(
            "traffic",
            .mapping(traffic),
            "What sends requests to targets. Without it no traffic is moved.",
            example: "traffic: { haproxy: { socket: /run/haproxy/admin.sock, backend: shop } }"
        ),
    ]

    private static let proofKeys = [
        Key(
            "health",
            .mapping(health),
            "Whether a target does its work. A release that is not healthy in time is taken back.",
            fallback: "every target counts as healthy",
            example: "health: { http: /health }"
        ),
        Key(
            "smoke",
            .either([.scalar(.script), .mapping(smoke)]),
            "A script that tries the release, once all targets have it. Its failure takes the release back.",
            example: "smoke: curl --fail https://shop.example.com/"
        ),
        Key(
            "watch",
            .mapping(watch),
            "How a release is watched after it went live. What is bad takes it back.",
            example: "watch: { for: 10m }"
        ),
    ]

    private static let dataKeys = [
        Key(
            "migrations",
            .mapping(migrations),
            "How the database follows the releases.",
            fallback: "no migrations are run",
            example: "migrations: { sql: migrations }"
        ),
        Key(
            "backup",
            .mapping(backup),
            "How the data is saved, and brought back.",
            fallback: "no backups are made",
            example: "backup: { create: pg_dump -f \"$RUNNER_BACKUP\", restore: psql -f \"$RUNNER_BACKUP\" }"
        ),
    ]

    private static let ruleKeys = [
        Key(
            "protection",
            .mapping(protection),
            "What a release must have before it may go here.",
            fallback: "anybody's push may deploy",
            example: "protection: { refs: { tags: [\"v*\"] }, passed: [ci], approvals: 1 }"
        ),
        Key(
            "windows",
            .oneOrMany(.mapping(window)),
            "When deployments begin; one that is under way goes on.",
            fallback: "at any time",
            example: "windows: [{ days: mon-thu, from: \"09:00\", to: \"17:00\", zone: Europe/Berlin }]"
        ),
        Key(
            "freezes",
            .oneOrMany(.mapping(freeze)),
            "Times in which nothing is deployed.",
            example: "freezes: [{ from: 2026-12-20, to: 2027-01-02, zone: Europe/Berlin, reason: holidays }]"
        ),
        Key(
            "hotfix",
            .mapping(hotfix),
            "The fast track of a repair: it skips waiting, never checking.",
            fallback: "there is none",
            example: "hotfix: { branches: [\"hotfix/*\"] }"
        ),
        Key(
            "on-crash",
            .scalar(.choice(DeployEnvironment.CrashPolicy.allCases.map(\.rawValue))),
            "What becomes of a rollout whose end the server did not see: `resume` does its last step again and goes on, "
                + "`roll-back` takes the release back.",
            fallback: "`resume`",
            example: "on-crash: roll-back"
        ),
        Key(
            "drill",
            .mapping(MappingShape(title: "`drill`", keys: PipelineGrammar.schedule.keys)),
            "When a rollback is rehearsed.",
            fallback: "never",
            example: "drill: { cron: \"0 4 * * 0\", zone: Europe/Berlin }"
        ),
    ]

    private static let variables = MappingShape(
        title: "`variables`",
        others: .init(placeholder: "NAME", name: .variable, shape: .scalar(.text))
    )

    /// How long one script, or several, may take.
    static func timeout(_ summary: String = "How long each script may take.", _ fallback: String = "`5m`") -> Key {
        Key("timeout", .scalar(.environment(.time)), summary, fallback: fallback, example: "timeout: 5m")
    }

    /// Where scripts of a target or of the traffic's driver run.
    static let hostKeys = [
        Key(
            "host",
            .scalar(.environment(.sshHost)),
            "Where its scripts run, by ssh. A password in it is an error.",
            fallback: "this machine, as the daemon's user",
            example: "host: \"ssh://deploy@web-1:22\""
        ),
        Key(
            "identity",
            .scalar(.absolutePath),
            "A private key for `host`.",
            fallback: "the agent and the keys of the daemon's user",
            example: "identity: /etc/runner/deploy.key"
        ),
        Key(
            "known-hosts",
            .scalar(.absolutePath),
            "The host keys that are believed; a host that is not among them is refused.",
            fallback: "`~/.ssh/known_hosts` of the daemon's user",
            example: "known-hosts: /etc/runner/known_hosts"
        ),
    ]
}
