import RunnerCore

/// Turns the checked keys of an environment's `health` and `watch` into values.
struct HealthBuilder {
    let root: SyntaxNode

    var health: HealthCheck? {
        guard let node = root["health"], let probe = probe(node) else { return nil }
        var check = HealthCheck(probe)
        check.interval = node["interval"]?.duration ?? check.interval
        check.timeout = node["timeout"]?.duration ?? check.timeout
        check.threshold = node["threshold"]?.number ?? check.threshold
        check.deadline = node["deadline"]?.duration ?? check.deadline
        return check
    }

    private func probe(_ node: SyntaxNode) -> HealthProbe? {
        if let command = node["command"]?.text { return .command(command) }
        guard let http = node["http"] else { return node["tcp"] == nil ? nil : .tcp }
        guard let path = (http["path"] ?? http).text else { return nil }
        var probe = HTTPProbe(path: path)
        probe.statuses = (http["status"]?.items ?? []).compactMap(\.number)
        probe.json = http["json"]?.plainVariables ?? []
        probe.contains = http["contains"]?.text
        return .http(probe)
    }

    var watch: WatchSettings? {
        guard let node = root["watch"], let bake = node["for"]?.duration else { return nil }
        var settings = WatchSettings(bake: bake, rules: (node["rules"]?.entries ?? []).compactMap(rule))
        settings.interval = node["interval"]?.duration ?? settings.interval
        return settings
    }

    private func rule(_ entry: SyntaxNode.Entry) -> WatchRule? {
        let node = entry.value
        guard let source = source(node), let bound = bound(node) else { return nil }
        var rule = WatchRule(name: entry.key, source: source, bound: bound)
        rule.failures = node["failures"]?.number ?? rule.failures
        rule.comparesWithStable = node["compare"] != nil
        return rule
    }

    private func source(_ node: SyntaxNode) -> WatchRule.Source? {
        if let script = node["command"]?.script(timeout: nil) { return .command(script) }
        if let prometheus = node["prometheus"], let url = prometheus["url"]?.text, let query = prometheus["query"]?.text
        {
            return .prometheus(url: url, query: query)
        }
        if let http = node["http"], let url = http["url"]?.text, let path = http["path"]?.text {
            return .http(url: url, path: path)
        }
        switch node["probe"]?.text {
        case "error-rate": return .errorRate
        case "p95": return .p95
        default: return nil
        }
    }

    private func bound(_ node: SyntaxNode) -> WatchRule.Bound? {
        if let above = node["above"]?.text.flatMap(Quantity.decimal) { return .above(above) }
        return node["below"]?.text.flatMap(Quantity.decimal).map { .below($0) }
    }
}
