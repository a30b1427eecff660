import RunnerCore

/// A checked tree to the values of the domain.
struct PipelineBuilder {
    let root: SyntaxNode
    let file: String

    func build() -> Pipeline {
        Pipeline(
            name: root["name"]?.text ?? fileName,
            file: file,
            triggers: root["on"].map(triggers) ?? Triggers(),
            env: root["env"]?.variables ?? [],
            concurrency: root["concurrency"].flatMap(concurrency),
            stages: (root["stages"]?.entries ?? []).map { StageBuilder(entry: $0).build() },
            finally: (root["finally"]?.entries ?? []).map { StageBuilder(entry: $0).build() }
        )
    }

    /// `ci` for `pipelines/ci.yml`.
    private var fileName: String {
        let name = file.split(separator: "/").last ?? ""
        for ending in [".yml", ".yaml"] where name.hasSuffix(ending) { return String(name.dropLast(ending.count)) }
        return String(name)
    }

    private func triggers(_ node: SyntaxNode) -> Triggers {
        Triggers(
            branches: node["branches"]?.patterns,
            tags: node["tags"].flatMap(tags),
            paths: node["paths"]?.patterns,
            schedules: (node["schedule"]?.items ?? []).compactMap { item in
                item["cron"]?.text.map { Schedule(cron: $0, zone: item["zone"]?.text ?? "UTC") }
            },
            manual: node["manual"].map { ManualTrigger(inputs: ($0["inputs"]?.entries ?? []).map(input)) }
        )
    }

    private func tags(_ node: SyntaxNode) -> TagTrigger? {
        guard let range = node["semver"]?.text else { return .patterns(node.patterns) }
        // The checks have reported a range that cannot be read.
        return (try? SemanticVersionRange.parse(range)).map { .semver($0) }
    }

    private func input(_ entry: SyntaxNode.Entry) -> InputDefinition {
        let kind: InputDefinition.Kind =
            switch entry.value["type"]?.text {
            case "bool": .bool
            case "number": .number
            case "choice": .choice(entry.value["options"]?.texts ?? [])
            default: .string
            }
        return InputDefinition(
            name: entry.key,
            kind: kind,
            description: entry.value["description"]?.text,
            defaultValue: entry.value["default"]?.text,
            isRequired: entry.value["required"]?.text == "true"
        )
    }

    private func concurrency(_ node: SyntaxNode) -> Concurrency? {
        guard let group = (node["group"] ?? node).template else { return nil }
        return Concurrency(group: group, policy: node["policy"]?.text.flatMap(Concurrency.Policy.init) ?? .queue)
    }
}
