/// A store that several machines share, as the server's file names it.
package struct StoreOptions: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        case bucket(Bucket)
        /// Of this machine, or a mount.
        case directory(String)
    }

    /// Of any server that speaks S3.
    package struct Bucket: Sendable, Hashable {
        package var name: String
        package var endpoint: StoreEndpoint
        package var region: String
        /// Files with the two keys.
        package var accessKeyFile: String
        package var secretKeyFile: String
        /// The bucket is a part of the path, else of the host's name.
        package var isPathStyle: Bool
        /// Before every object's name: empty, or with a slash at its end.
        package var prefix: String

        package init(
            name: String,
            endpoint: StoreEndpoint,
            region: String,
            accessKeyFile: String,
            secretKeyFile: String,
            isPathStyle: Bool,
            prefix: String
        ) {
            self.name = name
            self.endpoint = endpoint
            self.region = region
            self.accessKeyFile = accessKeyFile
            self.secretKeyFile = secretKeyFile
            self.isPathStyle = isPathStyle
            self.prefix = prefix
        }
    }

    package var place: Place
    /// A file with the key that all who share the store sign with.
    package var keyFile: String
    package var isReadOnly: Bool
    /// How long the end of a run waits for what is still to be sent.
    package var wait: Duration

    package init(place: Place, keyFile: String, isReadOnly: Bool = false, wait: Duration = .seconds(30)) {
        self.place = place
        self.keyFile = keyFile
        self.isReadOnly = isReadOnly
        self.wait = wait
    }
}

/// Where an S3-compatible server answers: `https://HOST` or `http://HOST:PORT`.
package struct StoreEndpoint: Sendable, Hashable {
    package let isSecure: Bool
    /// A name or an address; an IPv6 address with its brackets.
    package let host: String
    package let port: Int?

    package init(_ text: String) throws(TextProblem) {
        let example = "write `https://s3.example.com`"
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            throw TextProblem("must begin with `https://` or `http://`, found \(text.quoted)", hint: example)
        }
        isSecure = scheme == "https://"
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains("/"), !rest.contains("?"), !rest.contains("#") else {
            throw TextProblem("has a path: only the server stands here", hint: "write the bucket as `bucket: NAME`")
        }
        guard !rest.contains("@") else {
            throw TextProblem("has a user in it", hint: "put the keys into files: `access-key-file`, `secret-key-file`")
        }
        let hasPort = rest.lastIndex(of: ":").map { !rest[$0...].contains("]") } ?? false
        do {
            let address = try ListenAddress(hasPort ? String(rest) : "\(rest):0")
            guard !hasPort || address.port > 0 else { throw TextProblem("has the port 0", hint: example) }
            host = address.host.contains(":") ? "[\(address.host)]" : address.host.lowercased()
            port = hasPort ? address.port : nil
        } catch {
            throw TextProblem("names no server: \(text.quoted)", hint: example)
        }
    }
}
