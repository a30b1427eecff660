import Glibc

/// What programs that speak with remotes get of our own environment, and nothing else.
enum NetworkEnvironment {
    private static let names = [
        "PATH", "HOME", "USER", "LD_LIBRARY_PATH", "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
    ]

    static func inherited() -> [String: String] {
        var environment = ["LC_ALL": "C.UTF-8"]
        for name in names {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment
    }
}
