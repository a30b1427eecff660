/// Why a stage does not get a secret, and what to do about it.
package struct SecretRefusal: Sendable, Hashable, Codable {
    package var secret: String
    package var why: String
    package var hint: String?

    package init(secret: String, why: String, hint: String? = nil) {
        self.secret = secret
        self.why = why
        self.hint = hint
    }
}

/// Whether a stage of a run gets a secret. Everything that counts is here, and it is decided once, before the run begins.
package struct SecretRelease: Sendable, Hashable {
    package var repository: String
    package var event: RunEvent
    /// In the event's ref.
    package var trust: RefTrust
    package var pipeline: String

    package init(repository: String, event: RunEvent, trust: RefTrust, pipeline: String) {
        self.repository = repository
        self.event = event
        self.trust = trust
        self.pipeline = pipeline
    }

    /// `nil` where the stage gets it. `rule` is what the server's file says of the secret, if anything.
    package func refusal(
        of secret: String,
        to stage: String,
        environment: String? = nil,
        rule: SecretRule?
    ) -> SecretRefusal? {
        let why = workTree ?? rule.flatMap { misfit(stage, environment, $0) } ?? refMisfit(rule)
        return why.map { SecretRefusal(secret: secret, why: $0, hint: hint(secret, rule)) }
    }

    private var workTree: String? { event.isWorkingTree ? "a work tree gets no secrets of a server" : nil }

    private func misfit(_ stage: String, _ environment: String?, _ rule: SecretRule) -> String? {
        misfit("repository", repository, "repositories", rule.repositories)
            ?? misfit("pipeline", pipeline, "pipelines", rule.pipelines)
            ?? misfit("stage", stage, "stages", rule.stages)
            ?? environmentMisfit(environment, rule.environments)
    }

    private func misfit(_ kind: String, _ found: String, _ kinds: String, _ allowed: [String]?) -> String? {
        guard let allowed, !allowed.contains(found) else { return nil }
        return "it is not for \(kind) \(found.quoted): its rule names \(Self.list(kinds, allowed))"
    }

    private func environmentMisfit(_ environment: String?, _ allowed: [String]?) -> String? {
        if let environment { return misfit("environment", environment, "environments", allowed) }
        guard let allowed else { return nil }
        return "it is not for a stage that deploys nowhere: its rule names \(Self.list("environments", allowed))"
    }

    /// An ordinary ref never gets a secret unless a rule names it.
    private func refMisfit(_ rule: SecretRule?) -> String? {
        if rule?.branches == nil, rule?.tags == nil {
            guard trust < .protected else { return nil }
            return "it goes to protected refs alone, and \(event.shortRef.quoted) is none"
        }
        let patterns = isBranch ? rule?.branches : isTag ? rule?.tags : nil
        if let patterns, patterns.matches(event.shortRef) { return nil }
        let named = [
            rule?.branches.map { Self.list("branches", $0.sources) }, rule?.tags.map { Self.list("tags", $0.sources) },
        ]
        .compactMap(\.self).joined(separator: " and ")
        return "it is not for \(isTag ? "tag" : "branch") \(event.shortRef.quoted): its rule names \(named)"
    }

    private var isBranch: Bool { event.ref.hasPrefix("refs/heads/") }
    private var isTag: Bool { event.ref.hasPrefix("refs/tags/") }

    private func hint(_ secret: String, _ rule: SecretRule?) -> String {
        if event.isWorkingTree { return "push it to a ref that may have it" }
        return rule == nil
            ? "who runs the server may name the ref: `secrets: { \(secret): { branches: [...] } }` in its file"
            : "who runs the server may widen the rule `secrets: { \(secret): ... }` in its file"
    }

    private static func list(_ kinds: String, _ allowed: [String]) -> String {
        allowed.isEmpty ? "no \(kinds)" : "\(kinds) " + allowed.map(\.quoted).joined(separator: ", ")
    }
}
