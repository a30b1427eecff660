import RunnerCore

/// Turns the checked keys of `release` into a value.
struct ReleaseBuilder {
    let node: SyntaxNode

    func build() -> ReleaseDriver? {
        if let directory = node["directory"] { return .directory(self.directory(directory)) }
        if let command = node["command"] { return self.command(command).map { .command($0) } }
        return node["container"].flatMap(container).map { .container($0) }
    }

    private func directory(_ node: SyntaxNode) -> DirectoryRelease {
        var release = DirectoryRelease()
        release.keep = node["keep"]?.number ?? release.keep
        release.shared = node["shared"]?.texts ?? []
        release.restart = node["restart"]?.script(timeout: node["timeout"])
        release.stop = node["stop"]?.script(timeout: node["timeout"])
        return release
    }

    private func command(_ node: SyntaxNode) -> CommandRelease? {
        guard let activate = node["activate"]?.script(timeout: node["timeout"]) else { return nil }
        var release = CommandRelease(activate: activate)
        release.place = node["on"]?.text.flatMap(CommandRelease.Place.init) ?? release.place
        release.prepare = node["prepare"]?.script(timeout: node["timeout"])
        release.deactivate = node["deactivate"]?.script(timeout: node["timeout"])
        release.remove = node["remove"]?.script(timeout: node["timeout"])
        return release
    }

    private func container(_ node: SyntaxNode) -> ContainerRelease? {
        guard let program = node["program"]?.text.flatMap(ContainerRelease.Program.init),
            let image = node["image"]?.text, let port = node["port"]?.number
        else { return nil }
        var release = ContainerRelease(program: program, image: image, port: port)
        release.archive = node["archive"]?.text
        release.arguments = node["arguments"]?.texts ?? []
        release.keep = node["keep"]?.number ?? release.keep
        return release
    }
}

/// Turns the checked keys of `traffic` into a value.
struct TrafficBuilder {
    let node: SyntaxNode

    func build() -> TrafficDriver? {
        guard let kind else { return nil }
        var driver = TrafficDriver(kind, host: node.host)
        driver.drain = node["drain"]?.duration ?? driver.drain
        driver.timeout = node["timeout"]?.duration ?? driver.timeout
        return driver
    }

    private var kind: TrafficDriver.Kind? {
        if let command = node["command"]?.text { return .command(command) }
        if let haproxy = node["haproxy"] {
            guard let socket = haproxy["socket"]?.text, let backend = haproxy["backend"]?.text else { return nil }
            return .haproxy(socket: socket, backend: backend)
        }
        guard let nginx = node["nginx"], let file = nginx["file"]?.text, let upstream = nginx["upstream"]?.text else {
            return nil
        }
        return .nginx(
            file: file,
            upstream: upstream,
            test: nginx["test"]?.text ?? "nginx -t",
            reload: nginx["reload"]?.text ?? "nginx -s reload"
        )
    }
}
