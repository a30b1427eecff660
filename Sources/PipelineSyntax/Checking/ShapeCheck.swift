import RunnerCore

/// Compares a tree with its shape: keys, types and the text of every value.
struct ShapeCheck {
    private var findings: Findings

    /// Adds what is wrong with `root` to `findings`.
    static func run(_ root: SyntaxNode, as mapping: MappingShape, findings: inout Findings) {
        var check = ShapeCheck(findings: findings)
        check.check(root, .mapping(mapping), name: "the file", place: root.location)
        findings = check.findings
    }

    /// `place` is where a person looks for the value: its key, or itself in a list.
    private mutating func check(_ node: SyntaxNode, _ shape: Shape, name: String, place: SourceLocation) {
        guard !findings.isFull else { return }
        guard shape.accepts(node) else {
            mismatch(node, shape, name: name, place: place)
            return
        }
        switch shape {
        case .scalar(let kind): check(node, kind, name: name)
        case .list(let element): checkItems(of: node, element, name: name)
        case .oneOrMany(let element):
            if element.accepts(node) {
                check(node, element, name: name, place: place)
            } else {
                checkItems(of: node, element, name: name)
            }
        case .mapping(let mapping): check(node, mapping, name: name, place: place)
        case .either(let shapes):
            if let shape = shapes.first(where: { $0.accepts(node) }) { check(node, shape, name: name, place: place) }
        case .nothing: break
        }
    }

    private mutating func mismatch(_ node: SyntaxNode, _ shape: Shape, name: String, place: SourceLocation) {
        guard !node.isNull else {
            let hint =
                switch shape {
                case .scalar(.template), .scalar(.text): "write `\"\"` for empty text"
                default: "write \(shape.noun)"
                }
            findings.error("\(name) has no value", at: place, hint: hint)
            return
        }
        var hint: String?
        if case .list = node.content, case .mapping = shape { hint = "write `name: value` lines without `-`" }
        if case .mapping = node.content, node.entries.first?.value.isNull == true {
            hint = "quote text that has braces or `: `"
        }
        findings.error("\(name) must be \(shape.noun), found \(node.found)", at: node.location, hint: hint)
    }

    private mutating func check(_ node: SyntaxNode, _ kind: ScalarKind, name: String) {
        guard let text = node.text, let problem = kind.problem(in: text) else { return }
        let place = problem.offset.map { node.location(ofCharacter: $0) } ?? node.location
        findings.error("\(name) \(problem.message)", at: place, hint: problem.hint)
    }

    private mutating func checkItems(of node: SyntaxNode, _ element: Shape, name: String) {
        if node.items.isEmpty {
            findings.error("\(name) is an empty list", at: node.location, hint: "remove it, or write \(element.noun)")
        }
        for item in node.items { check(item, element, name: "an item of \(name)", place: item.location) }
    }
}

// MARK: - Mappings

extension ShapeCheck {
    private mutating func check(_ node: SyntaxNode, _ mapping: MappingShape, name: String, place: SourceLocation) {
        if node.entries.isEmpty, !mapping.isEmptyAllowed {
            findings.error("\(name) is empty", at: place)
        }
        for entry in node.entries where !findings.isFull {
            if let key = mapping.key(entry.key) {
                check(entry.value, key.shape, name: "`\(key.name)`", place: entry.keyLocation)
            } else if let others = mapping.others {
                if let problem = others.name.problem(in: entry.key) {
                    findings.error("\(name) \(problem.message)", at: entry.keyLocation, hint: problem.hint)
                }
                check(entry.value, others.shape, name: entry.key.quoted, place: entry.keyLocation)
            } else if !(mapping.allowsExtensions && entry.key.hasPrefix("x-")) {
                unknown(entry, in: mapping)
            }
        }
        for key in mapping.keys where key.isRequired && node.entry(key.name) == nil {
            let found = node.entries.isEmpty ? ", which is empty" : ""
            findings.error(
                "missing `\(key.name)` in \(mapping.title)\(found)",
                at: place,
                hint: "write `\(key.example)`"
            )
        }
        for way in mapping.ways { check(way, of: node, mapping, place: place) }
    }

    private mutating func check(_ way: [String], of node: SyntaxNode, _ mapping: MappingShape, place: SourceLocation) {
        let found = node.entries.filter { way.contains($0.key) }
        if let second = found.dropFirst().first {
            let names = found.map { "`\($0.key)`" }.joined(separator: " and ")
            findings.error(
                "\(mapping.title) has \(found.count == 2 ? "both " : "")\(names), which exclude each other",
                at: second.keyLocation,
                hint: "keep one of them"
            )
        } else if found.isEmpty {
            let example = way.first.flatMap { mapping.key($0) }?.example
            findings.error(
                "\(mapping.title) has none of \(way.alternatives)",
                at: place,
                hint: example.map { "write one of them, as `\($0)`" }
            )
        }
    }

    private mutating func unknown(_ entry: SyntaxNode.Entry, in mapping: MappingShape) {
        let names = mapping.keys.map(\.name)
        let near = names.hint(for: entry.key)
        let hint = mapping.hints[entry.key] ?? near ?? "it has \(names.alternatives)"
        findings.error("unknown key \(entry.key.quoted) in \(mapping.title)", at: entry.keyLocation, hint: hint)
    }
}
