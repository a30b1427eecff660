import RunnerCore

/// One checked stage to its value.
struct StageBuilder {
    let entry: SyntaxNode.Entry

    private var node: SyntaxNode { entry.value }

    func build() -> StageDefinition {
        var stage = StageDefinition(name: entry.key, location: entry.keyLocation, work: work)
        stage.needs = node["needs"]?.texts ?? []
        stage.condition = node["if"]?.condition
        stage.matrix = node["matrix"].map(matrix)
        stage.env = node["env"]?.variables ?? []
        let secrets = node["secrets"]?.items ?? []
        stage.secrets = secrets.compactMap { $0.text ?? $0["name"]?.text }
        let files = secrets.filter { $0["as"]?.text == "file" }.compactMap { $0["name"]?.text }
        if !files.isEmpty { stage.secretFiles = files }
        stage.image = node["image"]?.template
        stage.services = (node["services"]?.entries ?? []).map(service)
        stage.resources = node["resources"].map(resources) ?? Resources()
        stage.network = node["network"]?.text.flatMap(Network.init) ?? .host
        stage.timeout = node["timeout"]?.duration
        stage.grace = node["grace"]?.duration
        stage.retry = node["retry"].map(retry) ?? Retry()
        stage.caches = (node["cache"]?.items ?? []).compactMap(cache)
        stage.buildCache = node["build-cache"]?.text == "true" ? true : nil
        stage.artifacts = (node["artifacts"]?.entries ?? []).map(artifact)
        stage.neededArtifacts = node["needs-artifact"]?.items.map(neededArtifact)
        stage.reports = (node["reports"]?.entries ?? []).compactMap { entry in
            ReportDefinition.Kind(rawValue: entry.key).map { ReportDefinition(kind: $0, paths: entry.value.patterns) }
        }
        stage.reuse = node["reuse"].flatMap(reuse)
        stage.neededOutcomes = (node["needs-outcome"]?.texts ?? []).compactMap(Outcome.init)
        return stage
    }

    private var work: StageWork {
        if let deploy = node["deploy"] {
            let artifact = deploy["artifact"]?.text
            return .deploy(DeployRequest(environment: deploy["environment"]?.text ?? "", artifact: artifact))
        }
        if let steps = node["steps"] { return .steps(steps.items.map(step)) }
        return .steps((node["run"]).map { [StepDefinition(name: title(of: $0), run: $0.text ?? "")] } ?? [])
    }

    private func step(_ node: SyntaxNode) -> StepDefinition {
        StepDefinition(
            name: node["name"]?.text ?? node["run"].map(title) ?? "",
            run: node["run"]?.text ?? "",
            condition: node["if"]?.condition,
            env: node["env"]?.variables ?? [],
            directory: node["directory"]?.text,
            timeout: node["timeout"]?.duration
        )
    }

    /// The first line that says something.
    private func title(of run: SyntaxNode) -> String {
        let lines = (run.text ?? "").split(whereSeparator: \.isNewline)
        return lines.first { !$0.allSatisfy(\.isWhitespace) }.map { String($0.drop(while: \.isWhitespace)) } ?? ""
    }
}

// MARK: - Parts

extension StageBuilder {
    private func matrix(_ node: SyntaxNode) -> Matrix {
        let axes = node.entries.filter { !["include", "exclude"].contains($0.key) }
        return Matrix(
            axes: axes.map { Matrix.Axis(name: $0.key, values: $0.value.texts) },
            exclude: (node["exclude"]?.items ?? []).map(cell),
            include: (node["include"]?.items ?? []).map(cell)
        )
    }

    private func cell(_ node: SyntaxNode) -> [String: String] {
        var cell: [String: String] = [:]
        for entry in node.entries { cell[entry.key] = entry.value.text }
        return cell
    }

    private func service(_ entry: SyntaxNode.Entry) -> ServiceDefinition {
        ServiceDefinition(
            name: entry.key,
            run: entry.value["run"]?.text,
            image: entry.value["image"]?.template,
            ready: entry.value["ready"]?.text,
            condition: entry.value["when"]?.condition,
            env: entry.value["env"]?.variables ?? []
        )
    }

    private func resources(_ node: SyntaxNode) -> Resources {
        Resources(
            cpu: node["cpu"]?.text.flatMap(Quantity.number),
            memory: node["memory"]?.size,
            disk: node["disk"]?.size,
            pids: node["pids"]?.text.flatMap { Int($0) }
        )
    }

    private func retry(_ node: SyntaxNode) -> Retry {
        var retry = Retry(attempts: (node["attempts"] ?? node).text.flatMap { Int($0) } ?? 1)
        if let outcomes = node["on"] { retry.outcomes = outcomes.texts.compactMap(Outcome.init) }
        return retry
    }

    private func cache(_ node: SyntaxNode) -> CacheDefinition? {
        node["key"]?.template.map { key in
            CacheDefinition(
                key: key,
                fallback: (node["fallback"]?.items ?? []).compactMap(\.template),
                paths: node["paths"]?.texts ?? []
            )
        }
    }

    private func reuse(_ node: SyntaxNode) -> ReuseDefinition? {
        if let word = node.text { return word == "true" ? ReuseDefinition() : nil }
        return ReuseDefinition(
            inputs: node["inputs"]?.patterns,
            tools: node["tools"]?.texts,
            verify: node["verify"]?.text.flatMap(Quantity.share)
        )
    }

    private func neededArtifact(_ node: SyntaxNode) -> NeededArtifact {
        NeededArtifact(
            pipeline: node["pipeline"]?.text ?? "",
            name: node["name"]?.text ?? "",
            alias: node["as"]?.text,
            location: node.location
        )
    }

    private func artifact(_ entry: SyntaxNode.Entry) -> ArtifactDefinition {
        ArtifactDefinition(
            name: entry.key,
            paths: (entry.value["paths"] ?? entry.value).patterns,
            keep: entry.value["keep"]?.duration
        )
    }
}
