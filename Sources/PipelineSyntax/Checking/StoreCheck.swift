import RunnerCore

/// Checks of `store` that no single value shows.
struct StoreCheck {
    private static let bucketKeys = [
        "endpoint", "region", "access-key-file", "secret-key-file", "path-style", "prefix",
    ]

    let store: SyntaxNode

    func run(findings: inout Findings) {
        switch (store["bucket"], store["directory"]) {
        case (nil, nil):
            let hint = "write `bucket: NAME` and `endpoint: https://HOST`, or `directory: /PATH`"
            findings.error("`store` names no place", at: store.location, hint: hint)
        case (_?, let directory?):
            findings.error(
                "`store` has both `bucket` and `directory`",
                at: directory.location,
                hint: "remove one of them"
            )
        case (_?, nil):
            for key in ["endpoint", "access-key-file", "secret-key-file"] where store[key] == nil {
                findings.error("`store` has a `bucket` without `\(key)`", at: store.location, hint: "add `\(key)`")
            }
            // What is wrong with the text has been found.
            if let node = store["endpoint"], let endpoint = node.text.flatMap({ try? StoreEndpoint($0) }),
                !endpoint.isSecure, !["127.0.0.1", "localhost", "[::1]"].contains(endpoint.host)
            {
                let message = "`endpoint` is \(node.found): whoever is between reads what stages made"
                findings.warning(message, at: node.location, hint: "write `https://`")
            }
        case (nil, _?):
            for key in Self.bucketKeys {
                guard let entry = store.entry(key) else { continue }
                let message = "`\(key)` has no effect: the store is a directory"
                findings.warning(message, at: entry.keyLocation, hint: "remove it")
            }
        }
    }
}
