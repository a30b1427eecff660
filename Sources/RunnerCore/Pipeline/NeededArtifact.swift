/// An artifact that a stage takes from a run of another pipeline on the same tree.
package struct NeededArtifact: Sendable, Hashable, Codable {
    package var pipeline: String
    /// As the stage that makes it calls it.
    package var name: String
    /// What the stage that takes it calls it; `nil` where that is the same.
    package var alias: String?
    /// Of its entry in the file.
    package var location: SourceLocation

    package init(pipeline: String, name: String, alias: String? = nil, location: SourceLocation) {
        self.pipeline = pipeline
        self.name = name
        self.alias = alias
        self.location = location
    }

    /// Its directory in `$RUNNER_ARTIFACTS`.
    package var place: String { alias ?? name }
}

extension Plan {
    /// What its stages take from runs of other pipelines, but for stages that surely do not run.
    package var neededArtifacts: [NeededArtifact] {
        (stages + finally).flatMap { stage in
            if case .skipped = stage.verdict { return [NeededArtifact]() }
            return stage.definition.neededArtifacts ?? []
        }
    }
}
