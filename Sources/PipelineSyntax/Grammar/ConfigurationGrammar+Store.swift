import RunnerCore

/// The store that several machines share.
extension ConfigurationGrammar {
    static let store = MappingShape(
        title: "`store`",
        keys: [
            Key(
                "bucket",
                .scalar(.bucketName),
                "A bucket of a server that speaks S3. Needs `endpoint`, `access-key-file` and `secret-key-file`.",
                example: "bucket: runner"
            ),
            Key(
                "endpoint",
                .scalar(.endpoint),
                "The server of the bucket.",
                example: "endpoint: https://s3.example.com"
            ),
            Key(
                "region",
                .scalar(.bucketName),
                "As the server calls it.",
                fallback: "`us-east-1`",
                example: "region: eu-central-1"
            ),
            Key(
                "access-key-file",
                .scalar(.absolutePath),
                "A file with the access key, for its owner alone.",
                example: "access-key-file: /etc/runner/store.access"
            ),
            Key(
                "secret-key-file",
                .scalar(.absolutePath),
                "A file with the secret key, for its owner alone.",
                example: "secret-key-file: /etc/runner/store.secret"
            ),
            Key(
                "path-style",
                .scalar(.boolean),
                "`true` has the bucket in the path, `false` before the name of the server.",
                fallback: "`true`",
                example: "path-style: true"
            ),
            Key(
                "prefix",
                .scalar(.objectPrefix),
                "Comes before the name of every object.",
                fallback: "nothing",
                example: "prefix: runner/"
            ),
            Key(
                "directory",
                .scalar(.absolutePath),
                "In place of a bucket: a directory that the machines share.",
                example: "directory: /mnt/runner-store"
            ),
            Key(
                "key-file",
                .scalar(.absolutePath),
                "A file with the key that records are signed with, the same on every machine, for its owner alone: "
                    + "16 bytes or more.",
                example: "key-file: /etc/runner/store.key",
                isRequired: true
            ),
            Key(
                "mode",
                .scalar(.choice(["read-write", "read"])),
                "`read` takes what is there and leaves nothing.",
                fallback: "`read-write`",
                example: "mode: read-write"
            ),
            Key(
                "wait",
                .scalar(.duration),
                "How long the end of a run waits for what is still to be sent; the rest goes with the next run.",
                fallback: "`30s`",
                example: "wait: 30s"
            ),
        ],
        hints: [
            "access-key": "put it into a file, and write `access-key-file: /PATH`",
            "secret-key": "put it into a file, and write `secret-key-file: /PATH`",
            "key": "put it into a file, and write `key-file: /PATH`", "url": "write `endpoint` and `bucket`",
        ]
    )
}
