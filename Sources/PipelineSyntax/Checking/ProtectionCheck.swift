import RunnerCore

/// Checks of an environment's rules that no single value shows: who may come, and when.
struct ProtectionCheck {
    let root: SyntaxNode
    let name: String

    func run(findings: inout Findings) {
        let protection = root.entry("protection")
        checkPresence(protection, findings: &findings)
        if let refs = protection?.value["refs"] { TriggerCheck.checkPatterns(of: refs, findings: &findings) }
        if let node = protection?.value["after"]?["environment"], node.text == name {
            let message = "`after` names this environment itself, so nothing would ever get in"
            findings.error(message, at: node.location, hint: "name the environment that comes before")
        }
        for freeze in root["freezes"]?.items ?? [] where !findings.isFull { check(freeze: freeze, findings: &findings) }
        if let hotfix = root["hotfix"] {
            TriggerCheck.checkPatterns(of: hotfix, findings: &findings)
            check(hotfix: hotfix, refs: protection?.value["refs"], findings: &findings)
        }
    }

    private static let liveNames: Set<Substring> = ["production", "prod", "live"]

    private func checkPresence(_ protection: SyntaxNode.Entry?, findings: inout Findings) {
        guard
            !name.lowercased().split(whereSeparator: { ".-_".contains($0) }).allSatisfy({ !Self.liveNames.contains($0) }
            )
        else { return }
        let isProtected = (protection?.value.entries ?? []).contains { $0.value.text != "false" }
        guard !isProtected else { return }
        findings.warning(
            "nothing protects \(name.quoted): anybody's push deploys",
            at: protection?.keyLocation ?? root.location,
            hint: "add `protection: { refs: { tags: [\"v*\"] }, passed: [ci], approvals: 1 }`"
        )
    }

    private func check(freeze: SyntaxNode, findings: inout Findings) {
        // What is wrong with the texts has been found. Both are on one clock, and written so that they sort.
        guard let node = freeze["to"], let from = freeze["from"]?.text.flatMap(ClockText.moment),
            let to = node.text.flatMap(ClockText.moment), from >= to
        else { return }
        let isSameDay = from.prefix(10) == to.prefix(10)
        findings.error(
            "the freeze ends at `\(to)`, not after its begin at `\(from)`",
            at: node.location,
            hint: isSameDay ? "`to` is the first moment after it: write the next day" : "swap `from` and `to`"
        )
    }

    private func check(hotfix: SyntaxNode, refs: SyntaxNode?, findings: inout Findings) {
        if let refs, refs["branches"] == nil, let entry = root.entry("hotfix") {
            let patterns = hotfix["branches"]?.texts ?? ["hotfix/*"]
            findings.warning(
                "no hotfix gets in: `protection.refs` lets in no branch",
                at: entry.keyLocation,
                hint: "add `branches: [\(patterns.prefix(3).map { "\"\($0)\"" }.joined(separator: ", "))]` there"
            )
        }
        guard hotfix["skip"]?.texts.contains(Protection.GateName.approvals.rawValue) == true else { return }
        guard let approvals = hotfix.entry("approvals") else { return }
        let message = "`approvals` has no effect: `skip` has them"
        findings.warning(message, at: approvals.keyLocation, hint: "remove one of them")
    }
}
