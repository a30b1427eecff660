import RunnerCore

/// Turns the checked keys that `runner serve` alone takes into values.
struct ServerOptionsBuilder {
    private let root: SyntaxNode

    init(root: SyntaxNode) { self.root = root }

    func build() -> ServerOptions {
        var options = ServerOptions()
        options.repositories = (root["repositories"]?.entries ?? []).compactMap(repository)
        if let node = root["listen"] { options.listen = listen(node) }
        options.minimumFree = root["disk"]?["minimum-free"]?.size ?? options.minimumFree
        for entry in root["disk"]?["budgets"]?.entries ?? [] {
            guard let kind = ServerOptions.DataClass(rawValue: entry.key) else { continue }
            options.budgets[kind] = .init(size: entry.value["size"]?.size, age: entry.value["age"]?.duration)
        }
        if let runs = root["retention"]?["runs"] { options.keepRuns = runs.duration }
        options.secrets = (root["secrets"]?.entries ?? []).map(secret)
        options.secretsKeyFile = root["secrets-key-file"]?.text
        return options
    }

    private func secret(_ entry: SyntaxNode.Entry) -> SecretRule {
        let node = entry.value
        var rule = SecretRule(name: entry.key)
        rule.repositories = node["repositories"]?.texts
        rule.branches = node["branches"]?.patterns
        rule.tags = node["tags"]?.patterns
        rule.pipelines = node["pipelines"]?.texts
        rule.stages = node["stages"]?.texts
        rule.environments = node["environments"]?.texts
        guard let script = node["command"]?.text else { return rule }
        var command = SecretRule.Command(script: script)
        command.timeout = node["timeout"]?.duration ?? command.timeout
        command.cache = node["cache"]?.duration ?? command.cache
        command.pass = node["pass"]?.texts ?? []
        rule.command = command
        return rule
    }

    private func repository(_ entry: SyntaxNode.Entry) -> RepositoryDefinition? {
        let node = entry.value
        guard let url = node["url"]?.text else { return nil }
        var repository = RepositoryDefinition(name: entry.key, url: url)
        repository.poll = node["poll"]?.duration ?? repository.poll
        repository.transport = node["transport"]?.text.flatMap(RepositoryDefinition.Transport.init) ?? .auto
        repository.runsAtFirstSight = node["first-run"]?.text == "true"
        repository.runsMovedTags = node["moved-tags"]?.text == "run"
        repository.webhookSecretFile = node["webhook-secret-file"]?.text
        if let credentials = node["credentials"] {
            repository.credentials.user = credentials["user"]?.text
            repository.credentials.tokenFile = credentials["token-file"]?.text
            repository.credentials.sshKey = credentials["ssh-key"]?.text
            repository.credentials.knownHosts = credentials["known-hosts"]?.text
        }
        return repository
    }

    private func listen(_ node: SyntaxNode) -> ServerOptions.Listen {
        var listen = ServerOptions.Listen()
        listen.socket = node["socket"]?.text
        listen.address = node["address"]?.text
        listen.tlsCertificate = node["tls"]?["certificate"]?.text
        listen.tlsKey = node["tls"]?["key"]?.text
        listen.isInsecureAllowed = node["insecure"]?.text == "true"
        listen.rateLimit = node["rate-limit"]?.text.flatMap { Int($0) } ?? listen.rateLimit
        return listen
    }
}
