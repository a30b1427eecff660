import RunnerCore

/// Turns the checked rules of an environment into values: who may come, and when.
struct ProtectionBuilder {
    let root: SyntaxNode

    var protection: Protection {
        var result = Protection()
        guard let node = root["protection"] else { return result }
        if let refs = node["refs"] { admit(refs, into: &result) }
        result.requiresSignature = node["signed"]?.text == "true"
        result.requiresNewer = node["newer"]?.text == "true"
        result.passed = node["passed"]?.texts ?? []
        if let after = node["after"], let environment = after["environment"]?.text,
            let healthy = after["healthy"]?.duration
        {
            result.after = .init(environment: environment, healthy: healthy)
        }
        result.approvals = node["approvals"].map(approvals)
        result.checklist = (node["checklist"]?.entries ?? []).compactMap(item)
        return result
    }

    /// A kind of ref that the file leaves out is not let in: its list is empty, and so matches nothing.
    private func admit(_ refs: SyntaxNode, into protection: inout Protection) {
        protection.branches = refs["branches"]?.patterns ?? PatternList([])
        protection.tags = refs["tags"]?.patterns ?? PatternList([])
        guard let range = refs["tags"]?["semver"]?.text else { return }
        protection.tags = PatternList(["**"])
        protection.versions = SemanticVersionRange(source: range)
    }

    private func approvals(_ node: SyntaxNode) -> Protection.Approvals {
        var approvals = Protection.Approvals()
        approvals.count = (node["count"] ?? node).number ?? approvals.count
        approvals.from = node["from"]?.texts ?? []
        approvals.mayBeAuthor = node["may-be-author"]?.text == "true"
        approvals.within = node["within"]?.duration ?? approvals.within
        return approvals
    }

    private func item(_ entry: SyntaxNode.Entry) -> Protection.ChecklistItem? {
        let node = entry.value
        guard let text = (node["text"] ?? node).text else { return nil }
        let check = node["run"]?.script(timeout: node["timeout"])
        return Protection.ChecklistItem(name: entry.key, text: text, check: check)
    }

    func window(_ node: SyntaxNode) -> DeployWindow? {
        guard let from = node["from"]?.text.flatMap(ClockText.minutes),
            let to = node["to"]?.text.flatMap(ClockText.minutes), let zone = node["zone"]?.text
        else { return nil }
        var days: [DeployWindow.Day] = []
        for day in (node["days"]?.texts ?? []).compactMap(ClockText.days).joined() where !days.contains(day) {
            days.append(day)
        }
        return DeployWindow(days: days.isEmpty ? DeployWindow.Day.allCases : days, from: from, to: to, zone: zone)
    }

    func freeze(_ node: SyntaxNode) -> DeployFreeze? {
        guard let from = node["from"]?.text.flatMap(ClockText.moment),
            let to = node["to"]?.text.flatMap(ClockText.moment), let zone = node["zone"]?.text,
            let reason = node["reason"]?.text
        else { return nil }
        return DeployFreeze(from: from, to: to, zone: zone, reason: reason)
    }

    func hotfix(_ node: SyntaxNode) -> HotfixRules {
        var rules = HotfixRules()
        rules.branches = node["branches"]?.patterns ?? rules.branches
        if let skip = node["skip"] { rules.skips = skip.texts.compactMap(Protection.GateName.init) }
        rules.approvals = node["approvals"]?.number ?? rules.approvals
        rules.bake = node["watch"]?.duration
        rules.mergeBack = node["merge-back"]?.text ?? rules.mergeBack
        return rules
    }
}
