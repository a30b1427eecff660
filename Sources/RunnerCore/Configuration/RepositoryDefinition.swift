/// A repository to watch, as the server's file or `runner repository add` declares it.
package struct RepositoryDefinition: Sendable, Hashable, Codable {
    /// Which program speaks with a remote.
    package enum Transport: String, Sendable, Hashable, Codable, CaseIterable {
        /// libgit2, and `git` where libgit2 cannot or is many times slower; the repository's record says which and why.
        case auto
        case libgit2
        case git
    }

    /// How to prove who we are. Paths are the server's; the secrets themselves are in no record.
    package struct Credentials: Sendable, Hashable, Codable {
        /// The user name; `git` where `nil`.
        package var user: String?
        /// A file with a password or token, for https.
        package var tokenFile: String?
        /// A private key, for ssh; `nil` uses the agent.
        package var sshKey: String?
        /// The host keys that are believed; `nil` means `~/.ssh/known_hosts` of the daemon's user.
        package var knownHosts: String?

        package init(
            user: String? = nil,
            tokenFile: String? = nil,
            sshKey: String? = nil,
            knownHosts: String? = nil
        ) {
            self.user = user
            self.tokenFile = tokenFile
            self.sshKey = sshKey
            self.knownHosts = knownHosts
        }
    }

    /// Unique on the server: letters, digits, `.`, `_`, `-`.
    package var name: String
    /// A path, `file://`, `https://`, `http://`, `ssh://`, `user@host:path` or `git://`.
    package var url: String
    /// Between two looks at a remote, or between two safety looks at a local repository.
    package var poll: Duration
    package var transport: Transport
    package var credentials: Credentials
    /// True: the refs that are there at first sight start their pipelines, too.
    package var runsAtFirstSight: Bool
    /// True: a tag that was moved starts its pipelines again. Else the move is only recorded.
    package var runsMovedTags: Bool
    /// A file with the secret that webhooks of this repository are signed with; `nil` refuses webhooks.
    package var webhookSecretFile: String?

    package init(
        name: String,
        url: String,
        poll: Duration = .seconds(60),
        transport: Transport = .auto,
        credentials: Credentials = Credentials(),
        runsAtFirstSight: Bool = false,
        runsMovedTags: Bool = false,
        webhookSecretFile: String? = nil
    ) {
        self.name = name
        self.url = url
        self.poll = poll
        self.transport = transport
        self.credentials = credentials
        self.runsAtFirstSight = runsAtFirstSight
        self.runsMovedTags = runsMovedTags
        self.webhookSecretFile = webhookSecretFile
    }
}
