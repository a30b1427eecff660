import RunnerCore

/// Checks of an environment's `health` and `watch` that no single value shows.
struct WatchCheck {
    let root: SyntaxNode

    func run(findings: inout Findings) {
        if let health = root["health"] { check(health: health, findings: &findings) }
        guard let entry = root.entry("watch") else { return }
        let rules = entry.value["rules"]?.entries ?? []
        if entry.value["rules"] == nil, root["health"] == nil {
            let message = "`watch` looks at nothing: there are no `rules` and no `health`"
            findings.error(message, at: entry.keyLocation, hint: "add `rules`, or `health`")
        }
        let (bake, interval) = (entry.value["for"]?.duration, entry.value["interval"]?.duration ?? .seconds(30))
        if let bake, bake > .zero, interval > bake, let node = entry.value["interval"] ?? entry.value["for"] {
            let message = "`watch` is over before its first reading: `for` is shorter than `interval`"
            findings.error(message, at: node.location, hint: "write `interval: 10s`, or watch for longer")
        }
        for rule in rules where !findings.isFull {
            check(rule: rule, findings: &findings)
            guard let bake, let node = rule.value["failures"], let failures = node.number,
                // Beyond the range a number has been found wrong, and the product could overflow.
                (2...1_000).contains(failures), interval * (failures - 1) > bake, interval <= bake
            else { continue }
            let message = "\(rule.key.quoted) can never be bad: \(failures) readings take longer than `watch.for`"
            findings.warning(message, at: node.location, hint: "write fewer `failures`, or a shorter `interval`")
        }
    }

    private func check(health: SyntaxNode, findings: inout Findings) {
        if let tcp = health["tcp"], tcp.text == "false" {
            let message = "`tcp` is `false`, which is no way to look"
            findings.error(message, at: tcp.location, hint: "write `tcp: true`, or remove it")
        }
        let interval = health["interval"]?.duration ?? .seconds(1)
        let deadline = health["deadline"]?.duration ?? .seconds(60)
        let threshold = health["threshold"]?.number ?? 2
        guard (1...1_000).contains(threshold), deadline > .zero, interval * (threshold - 1) >= deadline else { return }
        guard let node = health["deadline"] ?? health["interval"] ?? health["threshold"] else { return }
        findings.error(
            "no release can be healthy: \(threshold) good answers take longer than `deadline`",
            at: node.location,
            hint: "write a later `deadline`, a shorter `interval`, or a lower `threshold`"
        )
    }

    private func check(rule: SyntaxNode.Entry, findings: inout Findings) {
        let isCanary = StrategyReading(root: root).name == "canary"
        if let compare = rule.value["compare"], compare.text == "stable", !isCanary {
            findings.error(
                "`compare` needs a canary: without one there is no old release to compare with",
                at: compare.location,
                hint: "remove it, or write `strategy: { canary: {...} }`"
            )
        }
        guard let probe = rule.value["probe"], root["health"]?["http"] == nil else { return }
        findings.error(
            "`probe` is measured by the requests of `health.http`, which is not there",
            at: probe.location,
            hint: "add `health: { http: /PATH }`, or ask `prometheus`, `http` or `command`"
        )
    }
}
