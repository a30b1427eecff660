import RunnerCore

/// Checks an environment's targets against each other and against what needs them.
struct TargetCheck {
    private let root: SyntaxNode
    private let targets: [SyntaxNode.Entry]
    private let strategy: StrategyReading

    init(root: SyntaxNode) {
        self.root = root
        targets = root["targets"]?.entries ?? []
        strategy = StrategyReading(root: root)
    }

    func run(findings: inout Findings) {
        checkHost(of: root["traffic"], findings: &findings)
        let addressUser = addressUser
        var addresses: [String: DeployInstance] = [:]
        var places: [String: String] = [:]
        for target in targets where !findings.isFull {
            guard case .mapping = target.value.content else { continue }
            checkHost(of: target.value, findings: &findings)
            checkSlots(of: target, findings: &findings)
            checkAddress(of: target, user: addressUser, findings: &findings)
            checkInstances(of: target, seen: &addresses, findings: &findings)
            checkPath(of: target, seen: &places, findings: &findings)
        }
    }

    private func checkHost(of node: SyntaxNode?, findings: inout Findings) {
        guard let node, node["host"] == nil else { return }
        for key in ["identity", "known-hosts"] {
            guard let entry = node.entry(key) else { continue }
            let hint = "add `host: ssh://USER@HOST`, or remove it"
            findings.warning("`\(key)` has no effect without `host`", at: entry.keyLocation, hint: hint)
        }
    }

    private func checkSlots(of target: SyntaxNode.Entry, findings: inout Findings) {
        if let slots = target.value.entry("slots"), !strategy.usesSlots {
            let message = "`slots` have no effect: the strategy is \(strategy.name.quoted)"
            let hint = "remove them, or write `strategy: blue-green`"
            findings.warning(message, at: slots.keyLocation, hint: hint)
        }
        guard strategy.usesSlots, target.value["slots"] == nil else { return }
        let message = "\(target.key.quoted) has no `slots`, which \(strategy.name.quoted) switches between"
        let hint = "add `slots: { blue: HOST:PORT, green: HOST:PORT }`"
        findings.error(message, at: target.keyLocation, hint: hint)
    }

    /// What cannot do without an address of each target.
    private var addressUser: String? {
        if root["traffic"] != nil { return "`traffic` sends requests to it" }
        let http = root["health"]?["http"]
        if let path = (http?["path"] ?? http)?.text, path.hasPrefix("/") { return "`health` asks it" }
        if root["health"]?["tcp"] != nil { return "`health` connects to it" }
        return root["release"]?["container"] == nil ? nil : "the container's port is bound to it"
    }

    private func checkAddress(of target: SyntaxNode.Entry, user: String?, findings: inout Findings) {
        guard let user, target.value["address"] == nil, !strategy.usesSlots else { return }
        let message = "\(target.key.quoted) has no `address`, but \(user)"
        findings.error(message, at: target.keyLocation, hint: "add `address: HOST:PORT`")
    }

    /// Two releases that answer at one place: the second one cannot start, or the first one is changed in its stead.
    private func checkInstances(
        of target: SyntaxNode.Entry,
        seen: inout [String: DeployInstance],
        findings: inout Findings
    ) {
        var instances: [(instance: DeployInstance, node: SyntaxNode)] = []
        if strategy.usesSlots {
            for slot in target.value["slots"]?.entries ?? [] {
                guard let name = DeployTarget.Slot(rawValue: slot.key) else { continue }
                instances.append((DeployInstance(target.key, name), slot.value))
            }
        } else if let address = target.value["address"] {
            instances.append((DeployInstance(target.key), address))
        }
        for (instance, node) in instances {
            // What is wrong with the text has been found.
            guard let address = node.text.flatMap({ try? ListenAddress($0) }), let host = host(of: target) else {
                continue
            }
            let place = "\(host) \(address.description.lowercased())"
            guard let first = seen.updateValue(instance, forKey: place) else { continue }
            seen[place] = first
            let message =
                "\(instance.description.quoted) has the host and the address of \(first.description.quoted)"
            findings.error(message, at: node.location, hint: "give each an address of its own")
        }
    }

    private func checkPath(
        of target: SyntaxNode.Entry,
        seen: inout [String: String],
        findings: inout Findings
    ) {
        guard root["release"]?["directory"] != nil else { return }
        guard let node = target.value["path"] else {
            let message = "\(target.key.quoted) has no `path`, where `directory` would keep its releases"
            findings.error(message, at: target.keyLocation, hint: "add `path: /srv/NAME`")
            return
        }
        guard let path = node.text, let host = host(of: target) else { return }
        let parts = path.split(separator: "/").filter { $0 != "." }
        let place = "\(host) \(parts.joined(separator: "/"))"
        guard let first = seen.updateValue(target.key, forKey: place) else { return }
        seen[place] = first
        let message = "\(target.key.quoted) keeps its releases where \(first.quoted) keeps its own"
        findings.error(message, at: node.location, hint: "give each a `path` of its own, or `slots` to one target")
    }

    /// Equal where two targets are one machine, as far as a name can tell; `nil` where it cannot be read.
    private func host(of target: SyntaxNode.Entry) -> String? {
        guard let node = target.value["host"] else { return "" }
        guard let host = node.text.flatMap({ try? SSHHost(url: $0) }) else { return nil }
        return "\(host.host.lowercased()) \(host.port ?? 22)"
    }
}

/// The strategy of a file that may still have faults.
struct StrategyReading {
    let name: String
    /// Where a person looks for it.
    let location: SourceLocation
    /// True where each target has two places that traffic is switched between.
    let usesSlots: Bool

    init(root: SyntaxNode) {
        let entry = root.entry("strategy")
        location = entry?.keyLocation ?? root.location
        let known = entry?.value.entries.map(\.key).first { EnvironmentGrammar.strategy.key($0) != nil }
        // A canary has steps: what has none is found elsewhere.
        let short = entry?.value.text.flatMap { ["rolling", "blue-green"].contains($0) ? $0 : nil }
        name = short ?? known ?? "all-at-once"
        let targets = root["targets"]?.entries ?? []
        switch name {
        case "blue-green": usesSlots = true
        // Among several targets, some can have the new release and some the old one.
        case "canary": usesSlots = targets.count == 1 || targets.contains { $0.value["slots"] != nil }
        default: usesSlots = false
        }
    }
}
