extension PlannedVerdict {
    /// What is known of a stage, given its needs, which are decided already.
    static func decide(
        on stage: StageDefinition,
        after needs: [PlannedStage],
        in context: PartialContext
    ) throws(ExpressionError) -> PlannedVerdict {
        let judges = stage.condition?.references.judgesNeeds ?? false
        let certainty = NeedCertainty(needs)
        var context = context
        if certainty.skipped != nil { context.isSuccess = false }
        let truth = try context.truth(of: stage.condition?.node ?? .literal(.bool(true)))
        let text = stage.condition.map { "if: \($0.source.onOneLine)" }
        if let text, truth == false { return .skipped("\(text) is false") }
        if !judges, let need = certainty.skipped { return .skipped("needs `\(need)`, which is skipped") }
        if let text, truth == nil { return .depends(text) }
        if !judges, let need = certainty.uncertain {
            return .depends([text.map { "\($0) is true" }, "if `\(need)` succeeds"].joined(by: " and "))
        }
        if let text { return .runs("\(text) is true") }
        if stage.needs.isEmpty { return .runs("needs nothing") }
        return .runs("after \(stage.needs.map { "`\($0)`" }.joined(separator: ", "))")
    }

    /// The same for a stage of `finally`, of which only the whole run can tell whether its outcome is asked for.
    static func decide(
        onFinally stage: StageDefinition,
        after needs: [PlannedStage],
        in context: PartialContext
    ) throws(ExpressionError) -> PlannedVerdict {
        let verdict = try decide(on: stage, after: needs, in: context)
        let outcomes = stage.neededOutcomes.map(\.words).joined(separator: " or ")
        switch verdict {
        case .skipped: return verdict
        case .depends(let reason):
            return outcomes.isEmpty ? verdict : .depends("if the run has \(outcomes), and \(reason)")
        case .runs(let reason):
            if !outcomes.isEmpty { return .depends("if the run has \(outcomes)") }
            return stage.needs.isEmpty && stage.condition == nil ? .runs("whatever the outcome") : .runs(reason)
        }
    }
}

/// The first needs that do not surely run.
private struct NeedCertainty {
    var skipped: StageID?
    var uncertain: StageID?

    init(_ needs: [PlannedStage]) {
        for need in needs {
            switch need.verdict {
            case .runs: break
            case .skipped: skipped = skipped ?? need.id
            case .depends: uncertain = uncertain ?? need.id
            }
        }
    }
}

extension String {
    /// For messages: line breaks and runs of spaces as one space.
    var onOneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

extension [String?] {
    fileprivate func joined(by separator: String) -> String { compactMap { $0 }.joined(separator: separator) }
}
