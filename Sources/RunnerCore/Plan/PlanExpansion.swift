/// Turns the stages of one pipeline into planned stages, collecting everything that is wrong.
struct PlanExpansion {
    private let pipeline: Pipeline
    private let context: EvaluationContext
    let inputs: [String: Value]
    private(set) var diagnostics: [Diagnostic] = []
    private var ids: Set<StageID> = []

    /// Throws what is wrong with the event's inputs: without them nothing can be said of conditions.
    init(_ pipeline: Pipeline, _ event: RunEvent, _ hash: EvaluationContext.Hash?) throws(DiagnosticsError) {
        self.pipeline = pipeline
        inputs = try Planner.inputs(
            pipeline.triggers.manual?.inputs ?? [],
            given: event.inputs,
            isComplete: event.kind == .manual,
            at: SourceLocation(file: pipeline.file, line: 1, column: 1)
        )
        context = EvaluationContext(event: event, pipeline: pipeline.name, inputs: inputs, hash: hash)
    }

    /// The stages of one graph, needs first.
    mutating func expand(_ definitions: [StageDefinition], isFinally: Bool) -> [PlannedStage] {
        let order = StageOrder(definitions)
        diagnostics += order.diagnostics
        var stages: [PlannedStage] = []
        var cells: [String: [PlannedStage]] = [:]
        for definition in order.indices.map({ definitions[$0] }) {
            let needs = definition.needs.flatMap { cells[$0] ?? [] }
            for cell in matrixCells(of: definition) {
                guard ids.count < Planner.mostStages else {
                    report(definition, "the pipeline has more than \(Planner.mostStages) stages", "split the pipeline")
                    return stages
                }
                let stage = planned(definition, cell, after: needs, isFinally: isFinally)
                stages.append(stage)
                cells[definition.name, default: []].append(stage)
            }
        }
        return stages
    }

    /// The evaluated group, or `nil` where there is none.
    mutating func concurrencyGroup() -> String? {
        guard let concurrency = pipeline.concurrency else { return nil }
        do throws(ExpressionError) {
            var partial = PartialContext(context: context, isSuccess: nil, isFailure: nil)
            try partial.define(pipeline.env)
            return try concurrency.group.evaluate(in: partial.context)
        } catch {
            let location = SourceLocation(file: pipeline.file, line: 1, column: 1)
            diagnostics.append(Diagnostic(.error, at: location, "concurrency: \(error.message)", hint: error.hint))
            return nil
        }
    }

    /// Reports names that are neither a stage nor a cell.
    mutating func checkSelection(_ names: [String], among stages: [PlannedStage]) {
        let known = pipeline.stages.map(\.name) + pipeline.finally.map(\.name)
        let ids = Set(stages.map(\.id.description))
        for name in names where !known.contains(name) && !ids.contains(name) {
            let all = "there is \(known.prefix(20).map { "`\($0)`" }.joined(separator: ", "))"
            let location = SourceLocation(file: pipeline.file, line: 1, column: 1)
            let hint = DidYouMean.hint(for: name, among: known + ids.sorted()) ?? all
            let message = "pipeline `\(pipeline.name)` has no stage `\(name)`"
            diagnostics.append(Diagnostic(.error, at: location, message, hint: hint))
        }
    }

    private mutating func planned(
        _ definition: StageDefinition,
        _ cell: MatrixCell,
        after needs: [PlannedStage],
        isFinally: Bool
    ) -> PlannedStage {
        let id = identifier(definition.name, cell)
        var stage = PlannedStage(id: id, definition: definition, matrix: cell.values, verdict: .runs(""))
        stage.needs = needs.map(\.id)
        do throws(ExpressionError) {
            stage.verdict = try verdict(on: stage, after: needs, isFinally: isFinally)
        } catch {
            report(definition, "`\(id)`: if: \(error.message)", error.hint)
        }
        return stage
    }

    private func verdict(
        on stage: PlannedStage,
        after needs: [PlannedStage],
        isFinally: Bool
    ) throws(ExpressionError) -> PlannedVerdict {
        let standsAlone = needs.isEmpty && !isFinally
        var partial = PartialContext(
            context: context,
            isSuccess: standsAlone ? true : nil,
            isFailure: standsAlone ? false : nil
        )
        partial.context.enter(stage)
        if stage.definition.condition?.references.uses("env") == true {
            try partial.define(pipeline.env + stage.definition.env)
        }
        return isFinally
            ? try .decide(onFinally: stage.definition, after: needs, in: partial)
            : try .decide(on: stage.definition, after: needs, in: partial)
    }

    private mutating func matrixCells(of definition: StageDefinition) -> [MatrixCell] {
        guard let matrix = definition.matrix else { return [MatrixCell(values: [:], label: [])] }
        switch matrix.cells() {
        case .success(let cells): return cells
        case .failure(let limit):
            report(definition, "`\(definition.name)`: \(limit.message)", limit.hint)
            return []
        }
    }

    /// `test`, `test (sqlite, 6.3)`, and with a number behind where that is taken.
    private mutating func identifier(_ name: String, _ cell: MatrixCell) -> StageID {
        let text = cell.label.isEmpty ? name : "\(name) (\(cell.label.joined(separator: ", ")))"
        var id = StageID(text)
        var number = 2
        while !ids.insert(id).inserted {
            id = StageID("\(text) #\(number)")
            number += 1
        }
        return id
    }

    private mutating func report(_ definition: StageDefinition, _ message: String, _ hint: String?) {
        diagnostics.append(Diagnostic(.error, at: definition.location, message, hint: hint))
    }
}
