import RunnerCore

/// Values of a tree that has been checked; what is wrong there is `nil` here.
extension SyntaxNode {
    var texts: [String] { items.compactMap(\.text) }
    var patterns: PatternList { PatternList(texts) }
    var duration: Duration? { text.flatMap(Quantity.duration) }
    var size: Int64? { text.flatMap(Quantity.size) }
    // The checks have reported why a text cannot be read, with its place.
    var template: Template? { text.flatMap { try? Template.parse($0) } }
    var condition: RunnerCore.Expression? { text.flatMap { try? Condition($0).parse() } }

    var variables: [Variable] {
        entries.compactMap { entry in
            entry.value.template.map { Variable(name: entry.key, value: $0) }
        }
    }
}
