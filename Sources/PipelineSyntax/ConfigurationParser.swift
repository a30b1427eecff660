package import RunnerCore

/// Reads the server's configuration: all that is wrong at once, or the values.
package enum ConfigurationParser {
    /// The configuration of `file`, and every finding, by place. There is a configuration exactly where no finding is
    /// an error. A file with only comments means the defaults.
    package static func parse(
        file: String,
        bytes: [UInt8]
    ) -> (configuration: RunnerConfiguration?, diagnostics: [Diagnostic]) {
        var findings = Findings()
        guard let source = SourceText(file: file, bytes: bytes, findings: &findings) else {
            return (nil, findings.sorted)
        }
        let isBlank = source.lines.allSatisfy { line in
            line.first { !$0.isWhitespace }.map { $0 == "#" } ?? true
        }
        if isBlank { return (RunnerConfiguration(), []) }
        guard let root = YAMLReader.read(source, findings: &findings) else { return (nil, findings.sorted) }
        ShapeCheck.run(root, as: ConfigurationGrammar.root, findings: &findings)
        checkLimits(root["limits"], findings: &findings)
        ServerCheck(root: root).run(findings: &findings)
        if let store = root["store"] { StoreCheck(store: store).run(findings: &findings) }
        return (findings.hasErrors ? nil : build(root), findings.sorted)
    }

    private static func checkLimits(_ limits: SyntaxNode?, findings: inout Findings) {
        guard let timeout = limits?["timeout"], timeout.duration == .zero else { return }
        let message = "`timeout` is 0: a stage that says nothing itself may run for ever"
        findings.warning(message, at: timeout.location, hint: "write how long it may take, as `1h`")
    }

    private static func build(_ root: SyntaxNode) -> RunnerConfiguration {
        var result = RunnerConfiguration()
        result.slots = root["slots"]?.text.flatMap { Int($0) }
        result.isolation = root["isolation"]?.text.flatMap(RunnerConfiguration.Isolation.init) ?? result.isolation
        result.expose = root["expose"]?.texts ?? []
        result.hide = root["hide"]?.texts ?? []
        result.state = root["state"]?.text
        result.limits.timeout = root["limits"]?["timeout"]?.duration ?? result.limits.timeout
        result.limits.grace = root["limits"]?["grace"]?.duration ?? result.limits.grace
        result.limits.log = root["limits"]?["log"]?.size ?? result.limits.log
        result.limits.stages = root["limits"]?["stages"]?.text.flatMap { Int($0) } ?? result.limits.stages
        result.keepFailedWorkspaces = root["workspaces"]?["keep-failed"]?.duration ?? result.keepFailedWorkspaces
        if let branches = root["protected"]?["branches"] { result.protected.branches = branches.patterns }
        if let tags = root["protected"]?["tags"] { result.protected.tags = tags.patterns }
        result.store = root["store"].flatMap { StoreOptionsBuilder(node: $0).build() }
        result.server = ServerOptionsBuilder(root: root).build()
        return result
    }
}
