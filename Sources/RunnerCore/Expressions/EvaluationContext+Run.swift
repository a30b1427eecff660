import Git

extension EvaluationContext {
    /// What every expression of a run may use: `ref`, `commit`, `pipeline` and `inputs`.
    package init(event: RunEvent, pipeline: String, inputs: [String: Value], hash: Hash? = nil) {
        let kind = event.ref.hasPrefix("refs/heads/") ? "branch" : event.ref.hasPrefix("refs/tags/") ? "tag" : "other"
        self.init(
            values: [
                "ref": .object([
                    "name": .string(event.shortRef), "full": .string(event.ref), "kind": .string(kind),
                ]),
                "commit": .object([
                    "id": event.commit.map { .string($0.description) } ?? .null,
                    "short": event.commit.map { .string($0.short) } ?? .null,
                    "message": .string(event.message), "author": .string(event.author),
                ]),
                "pipeline": .object(["name": .string(pipeline)]),
                "inputs": .object(inputs),
            ],
            hash: hash
        )
    }

    /// Adds `stage` and `matrix`.
    package mutating func enter(_ stage: PlannedStage) {
        values["stage"] = .object([
            "name": .string(stage.definition.name), "id": .string(stage.id.description),
        ])
        // A name that only other cells have, by an `include`, is null here, as on GitHub.
        let names = stage.definition.matrix.map { $0.axes.map(\.name) + $0.include.flatMap(\.keys) } ?? []
        let absent = names.filter { stage.matrix[$0] == nil }.map { ($0, Value.null) }
        let present = stage.matrix.mapValues(Value.string)
        values["matrix"] = .object(present.merging(absent) { value, _ in value })
    }
}
