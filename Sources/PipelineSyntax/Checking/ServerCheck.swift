import RunnerCore

/// Checks of the server's keys that no single value shows.
struct ServerCheck {
    /// What the kernel takes as the path of a unix socket, without the byte that ends it.
    private static let longestSocket = 107

    private let root: SyntaxNode

    init(root: SyntaxNode) { self.root = root }

    func run(findings: inout Findings) {
        var seen: [String: String] = [:]
        for entry in root["repositories"]?.entries ?? [] {
            check(repository: entry, seen: &seen, findings: &findings)
        }
        for entry in root["secrets"]?.entries ?? [] { check(secret: entry, findings: &findings) }
        if let listen = root["listen"] { check(listen: listen, findings: &findings) }
    }

    private func check(
        repository entry: SyntaxNode.Entry,
        seen: inout [String: String],
        findings: inout Findings
    ) {
        if let poll = entry.value["poll"], poll.duration == .zero {
            let hint = "leave it out for every minute"
            findings.error("`poll` must be at least `1s`, found \(poll.found)", at: poll.location, hint: hint)
        }
        // What is wrong with the text has been found.
        guard let node = entry.value["url"], let url = node.text.flatMap({ try? RepositoryURL($0) }) else { return }
        if let first = seen[url.identity] {
            let message = "\(entry.key.quoted) is the same repository as \(first.quoted), so each push runs twice"
            findings.warning(message, at: node.location, hint: "remove one of them")
        } else {
            seen[url.identity] = entry.key
        }
        guard let credentials = entry.value["credentials"] else { return }
        for credential in credentials.entries {
            guard let reason = Self.reasonAgainst(credential.key, with: url) else { continue }
            findings.warning("\(credential.key.quoted) \(reason)", at: credential.keyLocation)
        }
    }

    private func check(secret entry: SyntaxNode.Entry, findings: inout Findings) {
        if entry.value["command"] == nil {
            for key in ["timeout", "cache", "pass"] {
                guard let useless = entry.value.entry(key) else { continue }
                let hint = "add `command`, or remove it"
                findings.warning("`\(key)` has no effect without `command`", at: useless.keyLocation, hint: hint)
            }
        } else if let timeout = entry.value["timeout"], timeout.duration == .zero {
            let message = "`timeout` must be above 0: a command that hangs would hold up the run for ever"
            findings.error(message, at: timeout.location, hint: "leave it out for 10 seconds")
        }
        for branch in entry.value["branches"]?.items ?? [] where ["**", "*"].contains(branch.text) {
            let message =
                "\(entry.key.quoted) goes to every branch that matches `\(branch.text ?? "")`: whoever may push gets it"
            findings.warning(
                message,
                at: branch.location,
                hint: "name the branches, or leave `branches` out: protected ones"
            )
        }
    }

    /// Why a credential does nothing, or harm.
    private static func reasonAgainst(_ key: String, with url: RepositoryURL) -> String? {
        switch (key, url.kind) {
        case ("token-file", .http): "is sent in plain text over `http://`"
        case ("token-file", .https), ("ssh-key", .ssh), ("known-hosts", .ssh): nil
        case ("user", .ssh), ("user", .https), ("user", .http): nil
        case ("token-file", _): "has no effect: the url is not `https://`"
        case ("ssh-key", _), ("known-hosts", _): "has no effect: the url is not one of ssh"
        case ("user", _): "has no effect: the url is one that knows no users"
        default: nil
        }
    }

    private func check(listen: SyntaxNode, findings: inout Findings) {
        if let socket = listen["socket"], let length = socket.text?.utf8.count, length > Self.longestSocket {
            let message = "`socket` has \(length) bytes; the path of a socket has at most \(Self.longestSocket)"
            findings.error(message, at: socket.location)
        }
        guard let node = listen["address"] else {
            for key in ["tls", "insecure", "rate-limit"] {
                guard let entry = listen.entry(key) else { continue }
                let hint = "add `address: 127.0.0.1:7800`, or remove it"
                findings.warning("`\(key)` has no effect without `address`", at: entry.keyLocation, hint: hint)
            }
            return
        }
        // What is wrong with the text has been found.
        guard let address = node.text.flatMap({ try? ListenAddress($0) }), !address.isLoopback else { return }
        guard listen["tls"] == nil, listen["insecure"]?.text != "true" else { return }
        findings.error(
            "`address` is \(address.description.quoted), beyond this machine, without `tls`",
            at: node.location,
            hint: "add `tls: { certificate: /PATH, key: /PATH }`, or `insecure: true` behind a proxy that does TLS"
        )
    }
}
