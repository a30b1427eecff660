/// The stages of one graph in an order in which each comes after what it needs; else as they stand in the file.
struct StageOrder {
    /// Places in the list given. Stages on or behind a circle are missing.
    private(set) var indices: [Int] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ stages: [StageDefinition]) {
        let places = Dictionary(stages.enumerated().map { ($1.name, $0) }) { first, _ in first }
        let needs = stages.map { stage in stage.needs.compactMap { places[$0] } }
        for stage in stages {
            for need in stage.needs where places[need] == nil {
                diagnostics.append(Self.unknown(need, of: stage, among: stages.map(\.name)))
            }
        }
        indices = Self.order(needs: needs)
        if indices.count < stages.count { diagnostics.append(Self.circle(in: stages, needs, outside: indices)) }
    }

    /// Kahn's algorithm, always taking the first that is free.
    static func order(needs: [[Int]]) -> [Int] {
        var open = needs.map(\.count)
        var dependents = [[Int]](repeating: [], count: needs.count)
        for (index, list) in needs.enumerated() {
            for need in list { dependents[need].append(index) }
        }
        var free = SortedIndices()
        for index in needs.indices where open[index] == 0 { free.insert(index) }
        var order: [Int] = []
        while let index = free.popFirst() {
            order.append(index)
            for dependent in dependents[index] {
                open[dependent] -= 1
                if open[dependent] == 0 { free.insert(dependent) }
            }
        }
        return order
    }

    private static func unknown(_ need: String, of stage: StageDefinition, among names: [String]) -> Diagnostic {
        Diagnostic(
            .error,
            at: stage.location,
            "`\(stage.name)` needs `\(need)`, which is no stage",
            hint: DidYouMean.hint(for: need, among: names)
        )
    }

    /// Every stage that has no place needs another one without a place, so following them comes back somewhere.
    private static func circle(in stages: [StageDefinition], _ needs: [[Int]], outside order: [Int]) -> Diagnostic {
        let placed = Set(order)
        var way: [Int] = []
        var current = stages.indices.first { !placed.contains($0) }
        while let index = current, !way.contains(index) {
            way.append(index)
            current = needs[index].first { !placed.contains($0) }
        }
        let circle = way.drop { $0 != current }
        let names = (Array(circle) + circle.prefix(1)).map { "`\(stages[$0].name)`" }.joined(separator: " needs ")
        let location = stages[circle.first ?? 0].location
        return Diagnostic(.error, at: location, "\(names): a circle", hint: "take one of the needs away")
    }
}
