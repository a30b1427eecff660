import RunnerCore

/// A checked file of an environment to its value.
struct EnvironmentBuilder {
    let root: SyntaxNode
    /// Of the file, without its ending.
    let name: String

    /// `nil` where a required key is missing, which the checks have reported.
    func build() -> DeployEnvironment? {
        guard let release = root["release"].flatMap({ ReleaseBuilder(node: $0).build() }) else { return nil }
        let targets = TargetBuilder(root: root)
        var result = DeployEnvironment(name: name, targets: targets.build(), release: release)
        result.url = root["url"]?.text
        result.repositories = root["repositories"]?.texts ?? []
        result.variables = root["variables"]?.plainVariables ?? []
        result.secrets = root["secrets"]?.texts ?? []
        result.strategy = targets.strategy
        result.traffic = root["traffic"].flatMap { TrafficBuilder(node: $0).build() }
        let health = HealthBuilder(root: root)
        result.health = health.health
        result.smoke = root["smoke"]?.script(timeout: root["smoke"]?["timeout"])
        result.watch = health.watch
        let data = DatabaseBuilder(root: root)
        result.migrations = data.migrations
        result.backup = data.backup
        let rules = ProtectionBuilder(root: root)
        result.protection = rules.protection
        result.windows = (root["windows"]?.items ?? []).compactMap(rules.window)
        result.freezes = (root["freezes"]?.items ?? []).compactMap(rules.freeze)
        result.hotfix = root["hotfix"].map(rules.hotfix)
        result.onCrash = root["on-crash"]?.text.flatMap(DeployEnvironment.CrashPolicy.init) ?? result.onCrash
        result.drill = root["drill"]?.schedule
        return result
    }
}

/// Values that several parts of an environment have.
extension SyntaxNode {
    var number: Int? { text.flatMap { Int($0) } }

    var plainVariables: [PlainVariable] {
        entries.compactMap { entry in entry.value.text.map { PlainVariable(name: entry.key, value: $0) } }
    }

    var schedule: Schedule? { self["cron"]?.text.map { Schedule(cron: $0, zone: self["zone"]?.text ?? "UTC") } }

    /// A script as text, or as `run` of a mapping.
    func script(timeout: SyntaxNode?, otherwise: Duration = .seconds(300)) -> Script? {
        (self["run"] ?? self).text.map { Script($0, timeout: timeout?.duration ?? otherwise) }
    }

    /// Of `host`, `identity` and `known-hosts`.
    var host: DeployTarget.Host {
        // The checks have reported why a host cannot be read, with its place.
        guard var host = self["host"]?.text.flatMap({ try? SSHHost(url: $0) }) else { return .local }
        host.identity = self["identity"]?.text
        host.knownHosts = self["known-hosts"]?.text
        return .ssh(host)
    }
}
