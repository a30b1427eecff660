package import SystemPackage

/// Where a server is, how we prove who we are, and by which keys we know it.
package struct RemoteAccess: Sendable {
    /// What libgit2 is given. It holds no secret.
    package var url: String
    package var host: String
    package var port: Int
    /// `git` where `nil`.
    package var user: String?
    /// A password or token. With one, a redirect to another host is refused: it would take the secret there.
    package var secret: String?
    /// A private key for ssh; without one the agent is asked.
    package var sshKey: FilePath?
    /// The files of believed ssh host keys; the first that knows the host counts.
    package var knownHosts: [FilePath]

    package init(
        url: String,
        host: String,
        port: Int,
        user: String? = nil,
        secret: String? = nil,
        sshKey: FilePath? = nil,
        knownHosts: [FilePath] = []
    ) {
        self.url = url
        self.host = host
        self.port = port
        self.user = user
        self.secret = secret
        self.sshKey = sshKey
        self.knownHosts = knownHosts
    }
}
