import RunnerCore

/// Turns the checked keys of an environment's `targets` and `strategy` into values.
struct TargetBuilder {
    let root: SyntaxNode

    func build() -> [DeployTarget] { (root["targets"]?.entries ?? []).map(target) }

    private func target(_ entry: SyntaxNode.Entry) -> DeployTarget {
        let node = entry.value
        var target = DeployTarget(
            name: entry.key,
            host: node.host,
            path: node["path"]?.text,
            address: node["address"]?.text
        )
        for slot in node["slots"]?.entries ?? [] {
            guard let name = DeployTarget.Slot(rawValue: slot.key) else { continue }
            target.slots[name] = slot.value.text
        }
        target.labels = node["labels"]?.texts ?? []
        target.weight = node["weight"]?.number ?? target.weight
        return target
    }

    var strategy: RolloutStrategy {
        let node = root["strategy"]
        switch node?.text ?? node?.entries.first(where: { EnvironmentGrammar.strategy.key($0.key) != nil })?.key {
        case "rolling":
            let rolling = node?["rolling"]
            let batch = rolling?["batch"]?.text.flatMap(Quantity.portion) ?? .count(1)
            return .rolling(batch: batch, pause: rolling?["pause"]?.duration ?? .zero)
        case "blue-green": return .blueGreen(keep: node?["blue-green"]?["keep"]?.duration ?? .seconds(600))
        case "canary": return .canary((node?["canary"]?["steps"]?.items ?? []).compactMap(step))
        default: return .allAtOnce
        }
    }

    private func step(_ node: SyntaxNode) -> RolloutStrategy.CanaryStep? {
        guard let weight = node["weight"]?.number, let hold = node["hold"]?.duration else { return nil }
        return RolloutStrategy.CanaryStep(weight: weight, hold: hold)
    }
}
