import Git
import RunnerCore

/// Short ways to write the values that tests need.
enum Fixture {
    static func stage(
        _ name: String,
        needs: [String] = [],
        if condition: String? = nil,
        change: (inout StageDefinition) throws -> Void = { _ in }
    ) throws -> StageDefinition {
        let location = SourceLocation(file: "pipelines/ci.yml", line: 3, column: 5)
        var stage = StageDefinition(name: name, location: location, work: .steps([]))
        stage.needs = needs
        stage.condition = try condition.map { try Expression.parse($0) }
        try change(&stage)
        return stage
    }

    static func event(_ ref: String = "refs/heads/develop", _ kind: RunEvent.Kind = .push) -> RunEvent {
        RunEvent(
            kind: kind,
            ref: ref,
            commit: ObjectID(String(repeating: "ab", count: 20)),
            tree: .emptyTree,
            isWorkingTree: false,
            message: "Add parser",
            author: "Ada"
        )
    }

    static func plan(
        _ stages: [StageDefinition],
        finally: [StageDefinition] = [],
        event: RunEvent = event(),
        selecting: [String]? = nil,
        change: (inout Pipeline) -> Void = { _ in }
    ) throws -> Plan {
        var pipeline = Pipeline(name: "ci", file: "pipelines/ci.yml", stages: stages, finally: finally)
        change(&pipeline)
        return try Planner.plan(pipeline, event: event, reason: "named", selecting: selecting)
    }

    /// The messages of everything that is wrong with a plan.
    static func problems(_ plan: () throws -> Plan) -> [String] {
        do {
            _ = try plan()
            return []
        } catch let error as DiagnosticsError {
            return error.diagnostics.map(\.message)
        } catch {
            return ["\(error)"]
        }
    }
}

extension RunProgress {
    /// Does all that is to be skipped or refused, and says what is to start.
    mutating func settle() throws -> [String] {
        while true {
            let decisions = next()
            var starts: [String] = []
            for decision in decisions {
                switch decision {
                case .start(let stage): starts.append(stage.description)
                case .skip(let stage, let reason): try apply(.skipped(stage, reason))
                case .refuse(let stage, let reason): try apply(.refused(stage, reason))
                }
            }
            if starts.count == decisions.count { return starts }
        }
    }

    /// Starts and ends one stage.
    mutating func run(_ stage: String, _ outcome: Outcome = .succeeded, outputs: [String: String] = [:]) throws {
        _ = try settle()
        try apply(.started(StageID(stage)))
        try apply(.finished(StageID(stage), outcome, outputs: outputs))
    }
}
