import RunnerCore

/// Turns the checked keys of `store` into a value.
struct StoreOptionsBuilder {
    let node: SyntaxNode

    func build() -> StoreOptions? {
        guard let place, let keyFile = node["key-file"]?.text else { return nil }
        var options = StoreOptions(place: place, keyFile: keyFile)
        options.isReadOnly = node["mode"]?.text == "read"
        options.wait = node["wait"]?.duration ?? options.wait
        return options
    }

    private var place: StoreOptions.Place? {
        if let directory = node["directory"]?.text { return .directory(directory) }
        // The checks have reported what cannot be read, with its place.
        guard let name = node["bucket"]?.text,
            let endpoint = node["endpoint"]?.text.flatMap({ try? StoreEndpoint($0) }),
            let access = node["access-key-file"]?.text, let secret = node["secret-key-file"]?.text
        else {
            return nil
        }
        let prefix = node["prefix"]?.text ?? ""
        return .bucket(
            .init(
                name: name,
                endpoint: endpoint,
                region: node["region"]?.text ?? "us-east-1",
                accessKeyFile: access,
                secretKeyFile: secret,
                isPathStyle: node["path-style"]?.text != "false",
                prefix: prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/"
            )
        )
    }
}
