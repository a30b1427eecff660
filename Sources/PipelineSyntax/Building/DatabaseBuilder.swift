import RunnerCore

/// Turns the checked keys of an environment's `migrations` and `backup` into values.
struct DatabaseBuilder {
    let root: SyntaxNode

    var migrations: MigrationSettings? {
        guard let node = root["migrations"], let tool = tool(node) else { return nil }
        var settings = MigrationSettings(tool)
        settings.database = node["database"]?.text ?? settings.database
        settings.timeout = node["timeout"]?.duration ?? settings.timeout
        settings.lockTimeout = node["lock-timeout"]?.duration ?? settings.lockTimeout
        return settings
    }

    private func tool(_ node: SyntaxNode) -> MigrationSettings.Tool? {
        if let directory = node["sql"]?.text { return .sql(directory: directory) }
        if let directory = node["alembic"]?.text { return .alembic(directory: directory) }
        guard let command = node["command"], let status = command["status"]?.text, let up = command["up"]?.text else {
            return nil
        }
        return .command(MigrationCommands(status: status, up: up, down: command["down"]?.text))
    }

    var backup: BackupSettings? {
        guard let node = root["backup"], let create = script("create", of: node),
            let restore = script("restore", of: node)
        else { return nil }
        var settings = BackupSettings(create: create, restore: restore)
        settings.verify = script("verify", of: node)
        settings.remove = script("remove", of: node)
        settings.schedule = node["schedule"]?.schedule
        settings.beforeMigrations = node["before-migrations"]?.text != "false"
        let retention = node["retention"]
        settings.retention.daily = retention?["daily"]?.number ?? settings.retention.daily
        settings.retention.weekly = retention?["weekly"]?.number ?? settings.retention.weekly
        settings.retention.monthly = retention?["monthly"]?.number ?? settings.retention.monthly
        return settings
    }

    private func script(_ key: String, of node: SyntaxNode) -> Script? {
        node[key]?.script(timeout: node["timeout"], otherwise: .seconds(1_800))
    }
}
