import RunnerCore

/// What `runner serve` alone takes.
extension ConfigurationGrammar {
    static let serverKeys =
        [
            Key(
                "repositories",
                .mapping(repositories),
                "What to watch, by name: " + RepositoryDefinition.nameRule + ".",
                example: "repositories: { web: { url: https://git.example.com/web.git } }"
            ),
            Key(
                "listen",
                .mapping(listen),
                "Where the API can be reached.",
                example: "listen: { address: 127.0.0.1:7800 }"
            ),
            Key("disk", .mapping(disk), "How much of the disk is used.", example: "disk: { minimum-free: 1GiB }"),
            Key("retention", .mapping(retention), "How long records are kept.", example: "retention: { runs: 90d }"),
        ] + secretKeys

    private static let repositories = MappingShape(
        title: "`repositories`",
        others: .init(placeholder: "NAME", name: .repositoryName, shape: .mapping(repository))
    )

    private static let repository = MappingShape(
        title: "a repository",
        keys: [
            Key(
                "url",
                .scalar(.repositoryURL),
                "Where it is: " + RepositoryURL.forms + ". A password in it is an error.",
                example: "url: https://git.example.com/web.git",
                isRequired: true
            ),
            Key(
                "poll",
                .scalar(.duration),
                "The time between two looks, at least `1s`. A local repository is also looked at when it changes, "
                    + "a remote one when a webhook says so.",
                fallback: "`60s`",
                example: "poll: 60s"
            ),
            Key(
                "transport",
                .scalar(.choice(RepositoryDefinition.Transport.allCases.map(\.rawValue))),
                "What speaks with a remote: libgit2, the program `git`, or `auto`: libgit2, and `git` where "
                    + "libgit2 cannot or is many times slower.",
                fallback: "`auto`",
                example: "transport: auto"
            ),
            Key(
                "first-run",
                .scalar(.boolean),
                "`true` starts pipelines for the refs that are there at first sight, too; else they are only recorded.",
                fallback: "`false`",
                example: "first-run: false"
            ),
            Key(
                "moved-tags",
                .scalar(.choice(["record", "run"])),
                "What becomes of a tag that is moved: `record` starts nothing, `run` starts its pipelines again.",
                fallback: "`record`",
                example: "moved-tags: record"
            ),
            Key(
                "webhook-secret-file",
                .scalar(.absolutePath),
                "A file with the secret that signs the webhooks of this repository.",
                fallback: "webhooks are refused",
                example: "webhook-secret-file: /etc/runner/web.hook"
            ),
            Key(
                "credentials",
                .mapping(credentials),
                "How to prove who we are.",
                example: "credentials: { token-file: /etc/runner/web.token }"
            ),
        ],
        hints: [
            "branch": "which refs start a pipeline stands in the pipeline's `on`", "path": "write `url: /PATH`",
            "branches": "which refs start a pipeline stands in the pipeline's `on`", "interval": "write `poll`",
            "token": "write `credentials: { token-file: /PATH }`",
            "password": "write `credentials: { token-file: /PATH }`",
            "webhook-secret": "put it into a file, and write `webhook-secret-file: /PATH`",
        ]
    )

    private static let credentials = MappingShape(
        title: "`credentials`",
        keys: [
            Key(
                "user",
                .scalar(.title),
                "The user name.",
                fallback: "the one in the url, else `git`",
                example: "user: git"
            ),
            Key(
                "token-file",
                .scalar(.absolutePath),
                "A file with a password or token, for https.",
                example: "token-file: /etc/runner/web.token"
            ),
            Key(
                "ssh-key",
                .scalar(.absolutePath),
                "A private key, for ssh.",
                fallback: "the agent of the daemon's user",
                example: "ssh-key: /etc/runner/web.key"
            ),
            Key(
                "known-hosts",
                .scalar(.absolutePath),
                "The host keys that are believed, for ssh; others are refused.",
                fallback: "`~/.ssh/known_hosts` of the daemon's user",
                example: "known-hosts: /etc/runner/known_hosts"
            ),
        ],
        hints: [
            "token": "put it into a file, and write `token-file: /PATH`",
            "password": "put it into a file, and write `token-file: /PATH`",
        ]
    )

    private static let listen = MappingShape(
        title: "`listen`",
        keys: [
            Key(
                "socket",
                .scalar(.absolutePath),
                "The unix socket that the commands of this machine use.",
                fallback: "`runner.sock` in the state directory",
                example: "socket: /run/runner/runner.sock"
            ),
            Key(
                "address",
                .scalar(.address),
                "Where to listen on TCP. Beyond loopback it needs `tls`, or `insecure: true`.",
                fallback: "no TCP",
                example: "address: 127.0.0.1:7800"
            ),
            Key(
                "tls",
                .mapping(tls),
                "Serve TCP with TLS.",
                fallback: "plain text",
                example: "tls: { certificate: /etc/runner/tls.pem, key: /etc/runner/tls.key }"
            ),
            Key(
                "insecure",
                .scalar(.boolean),
                "`true` allows an address beyond loopback without TLS, as behind a proxy.",
                fallback: "`false`",
                example: "insecure: false"
            ),
            Key(
                "rate-limit",
                .scalar(.count(1...1_000_000)),
                "How many requests one client may make in a minute, over TCP.",
                fallback: "`600`",
                example: "rate-limit: 600"
            ),
        ],
        hints: ["port": "write `address: 127.0.0.1:PORT`", "host": "write `address: HOST:PORT`"]
    )

    private static let tls = MappingShape(
        title: "`tls`",
        keys: [
            Key(
                "certificate",
                .scalar(.absolutePath),
                "A PEM file with the certificate and those between it and the root.",
                example: "certificate: /etc/runner/tls.pem",
                isRequired: true
            ),
            Key("key", .scalar(.absolutePath), "A PEM file.", example: "key: /etc/runner/tls.key", isRequired: true),
        ]
    )

    private static let disk = MappingShape(
        title: "`disk`",
        keys: [
            Key(
                "minimum-free",
                .scalar(.size),
                "New work waits while less of the disk is free.",
                fallback: "`1GiB`",
                example: "minimum-free: 1GiB"
            ),
            Key(
                "budgets",
                .mapping(budgets),
                "What each kind of data may take: a `size`, an `age`, or both. What a run still needs is never taken away.",
                example: "budgets: { caches: { size: 20GiB, age: 30d } }"
            ),
        ]
    )

    private static let budgets = MappingShape(
        title: "`budgets`",
        keys: ServerOptions.DataClass.allCases.map { kind in
            Key(
                kind.rawValue,
                .mapping(budget),
                kind.meaning,
                fallback: "no bound",
                example: "\(kind.rawValue): { size: 10GiB }"
            )
        }
    )

    private static let budget = MappingShape(
        title: "a budget",
        keys: [
            Key("size", .scalar(.size), "All of them together.", fallback: "no bound", example: "size: 10GiB"),
            Key("age", .scalar(.duration), "Since one was last used.", fallback: "no bound", example: "age: 30d"),
        ],
        isEmptyAllowed: false
    )

    private static let retention = MappingShape(
        title: "`retention`",
        keys: [
            Key(
                "runs",
                .scalar(.keep),
                "How long the record, logs and reports of a run are kept.",
                fallback: "`90d`",
                example: "runs: 90d"
            )
        ]
    )
}

extension ServerOptions.DataClass {
    fileprivate var meaning: String {
        switch self {
        case .mirrors: "Our clones of the repositories."
        case .layers: "The files of commits, laid out."
        case .caches: "Directories that stages keep for the next run."
        case .artifacts: "What stages hand on and keep."
        case .logs: "Output of steps."
        case .workspaces: "Kept workspaces of failed stages."
        }
    }
}
