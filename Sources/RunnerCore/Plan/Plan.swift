/// What one pipeline would do for one event: the stages, matrix expanded, each with the reason why it runs or not.
package struct Plan: Sendable, Hashable, Codable {
    package var pipeline: String
    /// Path of the pipeline's file in the repository.
    package var file: String
    package var event: RunEvent
    /// Why this pipeline runs for this event, as `branch develop matches "develop"`.
    package var reason: String
    /// The inputs of `event` with their types and defaults.
    package var inputs: [String: Value]
    /// The pipeline's own variables, which every stage gets first.
    package var env: [Variable]
    /// The evaluated group and its policy.
    package var concurrencyGroup: String?
    package var concurrencyPolicy: Concurrency.Policy?
    /// Needs before the stages that need them; otherwise in the order of the file.
    package var stages: [PlannedStage]
    package var finally: [PlannedStage]

    package init(
        pipeline: String,
        file: String,
        event: RunEvent,
        reason: String,
        inputs: [String: Value] = [:],
        env: [Variable] = [],
        concurrencyGroup: String? = nil,
        concurrencyPolicy: Concurrency.Policy? = nil,
        stages: [PlannedStage],
        finally: [PlannedStage] = []
    ) {
        self.pipeline = pipeline
        self.file = file
        self.event = event
        self.reason = reason
        self.inputs = inputs
        self.env = env
        self.concurrencyGroup = concurrencyGroup
        self.concurrencyPolicy = concurrencyPolicy
        self.stages = stages
        self.finally = finally
    }
}

/// One cell of a stage's matrix, or the stage itself where it has none.
package struct PlannedStage: Sendable, Hashable, Codable {
    package var id: StageID
    package var definition: StageDefinition
    /// Empty where the stage has no matrix.
    package var matrix: [String: String]
    /// All cells of all needed stages.
    package var needs: [StageID]
    package var verdict: PlannedVerdict

    package init(
        id: StageID,
        definition: StageDefinition,
        matrix: [String: String] = [:],
        needs: [StageID] = [],
        verdict: PlannedVerdict
    ) {
        self.id = id
        self.definition = definition
        self.matrix = matrix
        self.needs = needs
        self.verdict = verdict
    }
}

/// What is known of a stage before anything has run, with the reason in words.
package enum PlannedVerdict: Sendable, Hashable, Codable {
    case runs(String)
    case skipped(String)
    /// Only outcomes or outputs of earlier stages can tell.
    case depends(String)
}

/// The name of a planned stage: `test`, or `test (sqlite, 6.3)` for a cell of a matrix.
package struct StageID: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    package init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package static func < (left: StageID, right: StageID) -> Bool { left.description < right.description }
}
