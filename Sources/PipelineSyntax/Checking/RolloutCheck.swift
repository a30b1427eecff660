import RunnerCore

/// Checks an environment's `strategy`, `release` and `traffic` against each other.
struct RolloutCheck {
    private let root: SyntaxNode
    private let strategy: StrategyReading

    init(root: SyntaxNode) {
        self.root = root
        strategy = StrategyReading(root: root)
    }

    func run(findings: inout Findings) {
        checkStrategy(findings: &findings)
        checkSteps(findings: &findings)
        checkDirectory(findings: &findings)
        checkImage(findings: &findings)
    }

    private func checkStrategy(findings: inout Findings) {
        if ["blue-green", "canary"].contains(strategy.name), root["traffic"] == nil {
            findings.error(
                "\(strategy.name.quoted) moves traffic, but there is no `traffic`",
                at: strategy.location,
                hint: "add `traffic: { nginx: { file: /PATH, upstream: NAME } }`, `haproxy` or `command`"
            )
        }
        guard strategy.name == "rolling", root["targets"]?.entries.count == 1 else { return }
        findings.warning(
            "`rolling` over one target is `all-at-once`: nothing serves while it is changed",
            at: strategy.location,
            hint: "add targets, or write `blue-green` with two `slots`"
        )
    }

    private func checkSteps(findings: inout Findings) {
        var last = 0
        for step in root["strategy"]?["canary"]?["steps"]?.items ?? [] {
            // What is wrong with the number has been found.
            guard let node = step["weight"], let weight = node.number, (1...99).contains(weight) else { continue }
            if weight <= last {
                let message = "`weight` is \(weight) after \(last), but the share of a canary only grows"
                findings.error(message, at: node.location, hint: "order the steps by their weight")
            }
            last = max(last, weight)
        }
    }

    private func checkDirectory(findings: inout Findings) {
        guard let node = root["release"]?["directory"] else { return }
        if let stop = node.entry("stop"), !strategy.usesSlots {
            let message = "`stop` has no effect: \(strategy.name.quoted) has no slot that could be idle"
            findings.warning(message, at: stop.keyLocation, hint: "remove it, or end the old release in `restart`")
        }
        let shared = (node["shared"]?.items ?? []).compactMap { item in item.text.map { (node: item, parts: parts($0)) }
        }
        var places: Set<[Substring]> = []
        for item in shared {
            if item.parts.isEmpty {
                let message = "`shared` names the release itself"
                findings.error(message, at: item.node.location, hint: "name what outlives it, as `uploads`")
            }
            if !places.insert(item.parts).inserted {
                findings.error("\(item.node.found) stands in `shared` twice", at: item.node.location)
            }
        }
        for item in shared {
            let outer = (1..<max(1, item.parts.count)).map { Array(item.parts.prefix($0)) }.first(
                where: places.contains
            )
            guard let outer else { continue }
            let name = outer.joined(separator: "/").quoted
            let message = "\(item.node.found) lies in \(name), which is shared already"
            findings.error(message, at: item.node.location, hint: "remove one of them")
        }
    }

    private func parts(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }

    private func checkImage(findings: inout Findings) {
        guard let container = root["release"]?["container"], container["archive"] == nil,
            let node = container["image"], let image = node.text, !image.contains("{version}")
        else { return }
        let message = "`image` is the same for every release: it has no `{version}`"
        findings.warning(message, at: node.location, hint: "write `{version}` in place of the tag")
    }
}
