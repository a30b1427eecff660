package import SystemPackage

/// How to prove who we are to a remote, and whose word to take for who it is.
package struct RemoteAccess: Sendable, Hashable {
    /// Where the url names no user; `git` where `nil`.
    package var user: String?
    /// A password or token, for http and https.
    package var token: String?
    /// A private key, for ssh; `nil` uses the agent.
    package var sshKey: FilePath?
    /// The host keys that are believed.
    package var knownHosts: FilePath

    package init(user: String? = nil, token: String? = nil, sshKey: FilePath? = nil, knownHosts: FilePath) {
        self.user = user
        self.token = token
        self.sshKey = sshKey
        self.knownHosts = knownHosts
    }
}
