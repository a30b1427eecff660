package import RunnerCore

/// A repository to watch, with the keys of the server's file. What is left out has the file's default.
package struct RepositoryBody: Sendable, Hashable, Codable {
    package var name: String
    package var url: String
    /// Seconds.
    package var poll: Int?
    package var transport: RepositoryDefinition.Transport?
    package var firstRun: Bool?
    package var movedTags: Bool?
    package var credentials: Credentials?
    package var webhookSecretFile: String?

    package init(
        name: String,
        url: String,
        poll: Int? = nil,
        transport: RepositoryDefinition.Transport? = nil,
        firstRun: Bool? = nil,
        movedTags: Bool? = nil,
        credentials: Credentials? = nil,
        webhookSecretFile: String? = nil
    ) {
        self.name = name
        self.url = url
        self.poll = poll
        self.transport = transport
        self.firstRun = firstRun
        self.movedTags = movedTags
        self.credentials = credentials
        self.webhookSecretFile = webhookSecretFile
    }

    /// Paths are the server's.
    package struct Credentials: Sendable, Hashable, Codable {
        package var user: String?
        package var tokenFile: String?
        package var sshKey: String?
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

        enum CodingKeys: String, CodingKey {
            case user
            case tokenFile = "token-file"
            case sshKey = "ssh-key"
            case knownHosts = "known-hosts"
        }
    }

    enum CodingKeys: String, CodingKey {
        case name, url, poll, transport, credentials
        case firstRun = "first-run"
        case movedTags = "moved-tags"
        case webhookSecretFile = "webhook-secret-file"
    }
}

extension RepositoryBody {
    /// As the server declares it.
    package var definition: RepositoryDefinition {
        var definition = RepositoryDefinition(name: name, url: url)
        if let poll { definition.poll = .seconds(poll) }
        if let transport { definition.transport = transport }
        if let credentials {
            definition.credentials = RepositoryDefinition.Credentials(
                user: credentials.user,
                tokenFile: credentials.tokenFile,
                sshKey: credentials.sshKey,
                knownHosts: credentials.knownHosts
            )
        }
        definition.runsAtFirstSight = firstRun ?? definition.runsAtFirstSight
        definition.runsMovedTags = movedTags ?? definition.runsMovedTags
        definition.webhookSecretFile = webhookSecretFile
        return definition
    }
}
