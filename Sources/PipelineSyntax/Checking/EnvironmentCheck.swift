import RunnerCore

/// Checks of an environment's file that no single value shows.
struct EnvironmentCheck {
    let root: SyntaxNode
    /// Of the file, without its ending.
    let name: String

    func run(findings: inout Findings) {
        guard case .mapping = root.content else { return }
        checkName(findings: &findings)
        checkVariables(findings: &findings)
        TargetCheck(root: root).run(findings: &findings)
        RolloutCheck(root: root).run(findings: &findings)
        WatchCheck(root: root).run(findings: &findings)
        checkMigrations(findings: &findings)
        checkBackup(findings: &findings)
        ProtectionCheck(root: root, name: name).run(findings: &findings)
    }

    private func checkName(findings: inout Findings) {
        if !SecretName.isEnvironment(name) {
            let start = SourceLocation(file: root.source.file, line: 1, column: 1)
            let message = "the file is called \(name.quoted), which no environment can be called"
            let hint = "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 100"
            findings.error(message, at: start, hint: hint)
        }
        // What is wrong with the text has been found.
        guard let node = root["name"], let text = node.text, SecretName.isEnvironment(text), text != name else {
            return
        }
        findings.error(
            "`name` is \(text.quoted), but the file is called \(name.quoted)",
            at: node.location,
            hint: "remove `name`, or call the file `\(text).yml`"
        )
    }

    private func checkVariables(findings: inout Findings) {
        TriggerCheck.checkSecrets(in: root["variables"], findings: &findings)
        for node in root["secrets"]?.items ?? [] {
            guard let secret = node.text, root["variables"]?.entry(secret) != nil else { continue }
            let message = "\(secret.quoted) stands in `variables` as well, and a script has one value of it"
            findings.error(message, at: node.location, hint: "remove one of them")
        }
    }
}

// MARK: - Data

extension EnvironmentCheck {
    /// The tools of ours open the database themselves; a command of one's own may know where it is.
    private func checkMigrations(findings: inout Findings) {
        guard let entry = root.entry("migrations") else { return }
        let node = entry.value
        guard node["database"] != nil || node["sql"] != nil || node["alembic"] != nil else { return }
        let database = node["database"] == nil ? "DATABASE_URL" : node["database"]?.text
        guard let database, SecretName.isName(database), root["variables"]?.entry(database) == nil else { return }
        guard root["secrets"]?.texts.contains(database) != true else { return }
        findings.error(
            "`migrations` opens the database in \(database.quoted), which is neither a variable nor a secret here",
            at: node["database"]?.location ?? entry.keyLocation,
            hint: "add `secrets: [\(database)]`"
        )
    }

    private func checkBackup(findings: inout Findings) {
        guard let entry = root.entry("backup") else { return }
        let node = entry.value
        let before = node.entry("before-migrations")
        if root["migrations"] == nil, let before, before.value.text == "true" {
            let message = "`before-migrations` has no effect without `migrations`"
            findings.warning(message, at: before.keyLocation, hint: "add `migrations`, or remove it")
        }
        let isBeforeMigrations = root["migrations"] != nil && before?.value.text != "false"
        if node["schedule"] == nil, !isBeforeMigrations {
            let message = "nothing makes this backup but a person: it has no `schedule`"
            findings.warning(message, at: entry.keyLocation, hint: "add `schedule: { cron: \"0 2 * * *\" }`")
        }
        let retention = node["retention"]
        if ["daily", "weekly", "monthly"].allSatisfy({ retention?[$0]?.text == "0" }), let retention {
            let message = "`retention` keeps no backup at all"
            findings.error(message, at: retention.location, hint: "write how many stay, as `daily: 30`")
        }
    }
}
