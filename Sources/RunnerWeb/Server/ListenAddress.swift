import RunnerCore

/// Where TCP is listened on, checked.
struct ListenAddress: Sendable, Hashable {
    let host: String
    let port: Int

    /// `HOST:PORT`; IPv6 in brackets.
    init(_ text: String) throws(RunnerError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, let last = parts.last, let port = Int(last), (0...65_535).contains(port) else {
            throw Self.unusable(text, why: "it is not HOST:PORT")
        }
        var host = parts.dropLast().joined(separator: ":")
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw Self.unusable(text, why: "it names no host; for all of them write 0.0.0.0") }
        self.host = host
        self.port = port
    }

    var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && !host.contains { $0.isLetter })
    }

    /// Throws where tokens would go over a network in the clear.
    static func check(_ listen: ServerOptions.Listen) throws(RunnerError) -> ListenAddress? {
        guard let text = listen.address else { return nil }
        let address = try ListenAddress(text)
        guard (listen.tlsCertificate == nil) == (listen.tlsKey == nil) else {
            throw unusable(text, why: "TLS takes both a certificate and a key")
        }
        guard address.isLoopback || listen.tlsCertificate != nil || listen.isInsecureAllowed else {
            throw unusable(
                text,
                why: "tokens would go over the network in the clear",
                hint: "name a certificate in `listen.tls`, or say `insecure: true` where a proxy encrypts"
            )
        }
        return address
    }

    private static func unusable(_ text: String, why: String, hint: String? = nil) -> RunnerError {
        RunnerError(.input, "cannot listen on `\(text)`", why: why, hint: hint)
    }
}
