import RunnerCore

/// Checks of `on`, `env` and `concurrency` that no single value shows.
struct TriggerCheck {
    private let root: SyntaxNode

    init(root: SyntaxNode) { self.root = root }

    func run(findings: inout Findings) {
        checkTriggers(findings: &findings)
        for entry in root["on"]?["manual"]?["inputs"]?.entries ?? [] { check(input: entry, findings: &findings) }
        Self.checkSecrets(in: root["env"], findings: &findings)
        for stage in (root["stages"]?.entries ?? []) + (root["finally"]?.entries ?? []) {
            Self.checkSecrets(in: stage.value["env"], findings: &findings)
            for step in stage.value["steps"]?.items ?? [] { Self.checkSecrets(in: step["env"], findings: &findings) }
            for service in stage.value["services"]?.entries ?? [] {
                Self.checkSecrets(in: service.value["env"], findings: &findings)
            }
        }
    }

    private func checkTriggers(findings: inout Findings) {
        let hint = "add `on: { branches: [main] }`, or `on: { manual: {} }`"
        guard let on = root.entry("on") else {
            findings.warning("nothing starts this pipeline: it has no `on`", at: root.location, hint: hint)
            return
        }
        let starters = ["branches", "tags", "schedule", "manual"]
        guard case .mapping(let entries) = on.value.content, !entries.contains(where: { starters.contains($0.key) })
        else {
            Self.checkPatterns(of: on.value, findings: &findings)
            return
        }
        let reason =
            entries.contains { $0.key == "paths" } ? "`paths` only narrows `branches` and `tags`" : "`on` is empty"
        findings.warning("nothing starts this pipeline: \(reason)", at: on.keyLocation, hint: hint)
    }

    /// Of any mapping with lists of patterns.
    static func checkPatterns(of on: SyntaxNode, findings: inout Findings) {
        for key in ["branches", "tags", "paths"] {
            guard let entry = on.entry(key) else { continue }
            let patterns = entry.value.items.compactMap(\.text)
            guard !patterns.isEmpty, patterns.allSatisfy({ $0.hasPrefix("!") }) else { continue }
            let message = "`\(key)` only takes away, so nothing matches"
            findings.warning(message, at: entry.keyLocation, hint: "put `\"**\"` first")
        }
    }

    private func check(input: SyntaxNode.Entry, findings: inout Findings) {
        let type = input.value["type"]?.text ?? "string"
        let options = input.value["options"]
        if type == "choice", options == nil {
            let message = "the input \(input.key.quoted) is a choice without `options`"
            findings.error(message, at: input.keyLocation, hint: "add `options: [...]`")
        }
        if type != "choice", let entry = input.value.entry("options") {
            let message = "`options` belong to the type `choice`, the input \(input.key.quoted) has \(type.quoted)"
            findings.error(message, at: entry.keyLocation, hint: "write `type: choice`")
        }
        guard let node = input.value["default"], let text = node.text else { return }
        let kind: ScalarKind? =
            switch type {
            case "bool": .boolean
            case "choice": .choice((options?.items ?? []).compactMap(\.text))
            default: nil
            }
        if type == "number", Double(text) == nil {
            findings.error("`default` must be a number, found \(text.quoted)", at: node.location)
        }
        guard let problem = kind?.problem(in: text) else { return }
        findings.error("`default` \(problem.message)", at: node.location, hint: problem.hint)
    }

    private static let secretWords = ["TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "APIKEY"]
    private static let secretPairs = ["API_KEY", "PRIVATE_KEY", "ACCESS_KEY"]
    /// What stands at the end of names that tell something about a secret.
    private static let harmlessEnds: Set<Substring> = ["FILE", "PATH", "DIR", "URL", "NAME", "ID", "TTL", "LENGTH"]

    /// Of any mapping of variables.
    static func checkSecrets(in env: SyntaxNode?, findings: inout Findings) {
        for entry in env?.entries ?? [] where looksSecret(entry.key) {
            guard let text = entry.value.text, !text.contains("${{") else { continue }
            guard !["", "true", "false"].contains(text), !text.hasPrefix("/") else { continue }
            let message = "\(entry.key.quoted) looks like a secret in plain text"
            let hint = "give it to the server, and write `secrets: [\(entry.key)]`"
            findings.warning(message, at: entry.value.location, hint: hint)
        }
    }

    private static func looksSecret(_ name: String) -> Bool {
        let upper = name.uppercased()
        let words = upper.split(separator: "_")
        guard let last = words.last, !harmlessEnds.contains(last) else { return false }
        return secretPairs.contains(where: upper.contains)
            || words.contains { word in secretWords.contains { word.hasSuffix($0) } }
    }
}
