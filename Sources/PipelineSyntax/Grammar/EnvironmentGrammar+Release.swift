import RunnerCore

/// What makes a release run, and what sends requests to it.
extension EnvironmentGrammar {
    static let release = MappingShape(
        title: "`release`",
        keys: [
            Key(
                "directory",
                .mapping(directory),
                "A directory per release below the target's `path`, and a link to the live one. Needs `path`.",
                example: "directory: { restart: systemctl restart shop }"
            ),
            Key(
                "command",
                .mapping(commandRelease),
                "Scripts of your own.",
                example: "command: { activate: ./deploy \"$RUNNER_VERSION\" }"
            ),
            Key(
                "container",
                .mapping(container),
                "A container per target. Needs `address` or `slots`.",
                example: "container: { program: podman, image: \"registry.example.com/shop:{version}\", port: 8080 }"
            ),
        ],
        ways: [["directory", "command", "container"]],
        hints: ["docker": "write `container: { program: docker, ... }`", "script": "write `command`"]
    )

    private static let directory = MappingShape(
        title: "`directory`",
        keys: [
            Key(
                "keep",
                .scalar(.count(2...1_000)),
                "How many releases stay on a target, the live one among them.",
                fallback: "`5`",
                example: "keep: 5"
            ),
            Key(
                "shared",
                .oneOrMany(.scalar(.environment(.releasePath))),
                "Files and directories that outlive a release: they lie in `PATH/shared`, linked into each release.",
                example: "shared: [uploads]"
            ),
            Key(
                "restart",
                .scalar(.script),
                "Runs on the target after the switch.",
                fallback: "nothing: whatever serves the files looks at the link",
                example: "restart: systemctl restart shop"
            ),
            Key(
                "stop",
                .scalar(.script),
                "Runs on the target for a slot that gets no more traffic, before its release is replaced.",
                example: "stop: systemctl stop \"shop@$RUNNER_SLOT\""
            ),
            timeout(),
        ]
    )

    private static let commandRelease = MappingShape(
        title: "`command` of `release`",
        keys: [
            Key(
                "on",
                .scalar(.choice(CommandRelease.Place.allCases.map(\.rawValue))),
                "Where the scripts run: `runner` is this machine, with the artifact's files in `$RUNNER_ARTIFACT`.",
                fallback: "`runner`",
                example: "on: target"
            ),
            Key(
                "prepare",
                .scalar(.script),
                "Brings the release to the target; the old one still runs.",
                example: "prepare: ./upload"
            ),
            Key(
                "activate",
                .scalar(.script),
                "Makes the release run.",
                example: "activate: ./switch-to \"$RUNNER_VERSION\"",
                isRequired: true
            ),
            Key("deactivate", .scalar(.script), "Ends the release.", example: "deactivate: ./stop"),
            Key(
                "remove",
                .scalar(.script),
                "Takes a release away that nothing needs any more.",
                example: "remove: ./remove \"$RUNNER_VERSION\""
            ),
            timeout(),
        ],
        hints: ["run": "write `activate`", "where": "write `on`"]
    )

    private static let container = MappingShape(
        title: "`container`",
        keys: [
            Key(
                "program",
                .scalar(.choice(ContainerRelease.Program.allCases.map(\.rawValue))),
                "What runs containers on the target.",
                example: "program: podman",
                isRequired: true
            ),
            Key(
                "image",
                .scalar(.environment(.image)),
                "The image; `{version}` stands for the release's.",
                example: "image: \"registry.example.com/shop:{version}\"",
                isRequired: true
            ),
            Key(
                "archive",
                .scalar(.environment(.releasePath)),
                "A file of the artifact that holds the image. It is loaded on the target, and nothing is pulled.",
                fallback: "the image is pulled",
                example: "archive: image.tar"
            ),
            Key(
                "port",
                .scalar(.count(1...65_535)),
                "The port inside the container that the target's address leads to.",
                example: "port: 8080",
                isRequired: true
            ),
            Key(
                "arguments",
                .oneOrMany(.scalar(.environment(.argument))),
                "More arguments of the program's `run`.",
                example: "arguments: [\"--memory=512m\"]"
            ),
            Key(
                "keep",
                .scalar(.count(2...1_000)),
                "How many images stay on a target, the live one among them.",
                fallback: "`3`",
                example: "keep: 3"
            ),
        ]
    )

    static let traffic = MappingShape(
        title: "`traffic`",
        keys: [
            Key(
                "nginx",
                .mapping(nginx),
                "A file of nginx's configuration with one upstream, tested before it is used.",
                example: "nginx: { file: /etc/nginx/conf.d/shop.conf, upstream: shop }"
            ),
            Key(
                "haproxy",
                .mapping(haproxy),
                "HAProxy's runtime API. Its servers are called as the targets, or `TARGET-blue` and `TARGET-green`.",
                example: "haproxy: { socket: /run/haproxy/admin.sock, backend: shop }"
            ),
            Key(
                "command",
                .scalar(.script),
                "A script of your own. It gets `$RUNNER_WEIGHTS`: a line `NAME ADDRESS WEIGHT` per target or slot.",
                example: "command: ./weights"
            ),
        ] + hostKeys + [
            Key(
                "drain",
                .scalar(.duration),
                "How long requests that are under way are given once their target gets no new ones.",
                fallback: "`5s`",
                example: "drain: 5s"
            ),
            timeout("How long one change may take.", "`30s`"),
        ],
        ways: [["nginx", "haproxy", "command"]]
    )

    private static let nginx = MappingShape(
        title: "`nginx`",
        keys: [
            Key(
                "file",
                .scalar(.absolutePath),
                "The file, which nothing else may write.",
                example: "file: /etc/nginx/conf.d/shop.conf",
                isRequired: true
            ),
            Key(
                "upstream",
                .scalar(.name),
                "What `proxy_pass` calls it.",
                example: "upstream: shop",
                isRequired: true
            ),
            Key(
                "test",
                .scalar(.script),
                "Tests the configuration.",
                fallback: "`nginx -t`",
                example: "test: nginx -t"
            ),
            Key(
                "reload",
                .scalar(.script),
                "Makes nginx take the configuration.",
                fallback: "`nginx -s reload`",
                example: "reload: nginx -s reload"
            ),
        ]
    )

    private static let haproxy = MappingShape(
        title: "`haproxy`",
        keys: [
            Key(
                "socket",
                .scalar(.environment(.socket)),
                "Where the runtime API answers.",
                example: "socket: /run/haproxy/admin.sock",
                isRequired: true
            ),
            Key(
                "backend",
                .scalar(.name),
                "The backend whose servers are weighted.",
                example: "backend: shop",
                isRequired: true
            ),
        ]
    )
}
