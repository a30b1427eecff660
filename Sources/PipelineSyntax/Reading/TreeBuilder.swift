import RunnerCore
import Yams

/// Yams' nodes to ours: aliases expanded within a budget, merges done, duplicate keys reported.
struct TreeBuilder {
    /// Values after expansion of aliases. Nine levels of ten aliases each would be a billion.
    static let maximumValues = 100_000
    static let maximumDepth = 50
    /// Bytes of text after expansion.
    static let maximumText = 4 << 20

    let source: SourceText
    let renamed: [YAMLReader.Position: Unicode.Scalar]
    private var values = 0
    private var bytes = 0
    private var failure: (message: String, location: SourceLocation, hint: String?)?

    init(source: SourceText, renamed: [YAMLReader.Position: Unicode.Scalar]) {
        self.source = source
        self.renamed = renamed
    }

    mutating func build(_ root: Node, findings: inout Findings) -> SyntaxNode? {
        let tree = convert(root, depth: 0, findings: &findings)
        guard let failure else { return tree }
        findings.error(failure.message, at: failure.location, hint: failure.hint)
        return nil
    }

    private mutating func convert(_ node: Node, depth: Int, findings: inout Findings) -> SyntaxNode {
        let (line, column) = (node.mark?.line ?? 1, node.mark?.column ?? 1)
        var result = SyntaxNode(content: .list([]), source: source, line: line, column: column)
        values += 1
        if values > Self.maximumValues {
            let message = "the file has more than \(Self.maximumValues) values, counting what its aliases stand for"
            fail(message, at: result.location, hint: "use fewer aliases")
        }
        if depth > Self.maximumDepth {
            fail("more than \(Self.maximumDepth) levels of nesting", at: result.location)
        }
        guard failure == nil else { return result }
        switch node {
        case .scalar(let scalar):
            bytes += scalar.string.utf8.count
            if bytes > Self.maximumText {
                fail("the file has more than 4 MiB of text, counting what its aliases stand for", at: result.location)
            }
            result.content = .scalar(scalar.string, SyntaxNode.ScalarStyle(scalar.style))
        case .sequence(let sequence):
            var items: [SyntaxNode] = []
            for item in sequence where failure == nil {
                items.append(convert(item, depth: depth + 1, findings: &findings))
            }
            result.content = .list(items)
        case .mapping(let mapping):
            result.content = .mapping(entries(of: mapping, depth: depth, findings: &findings))
        case .alias:
            // Yams puts the node in the place of its alias when it reads.
            break
        }
        return result
    }

    private mutating func fail(_ message: String, at location: SourceLocation, hint: String? = nil) {
        if failure == nil { failure = (message, location, hint) }
    }

    private mutating func entries(
        of mapping: Node.Mapping,
        depth: Int,
        findings: inout Findings
    ) -> [SyntaxNode.Entry] {
        var entries: [SyntaxNode.Entry] = []
        var places: [String: SourceLocation] = [:]
        var merged: [SyntaxNode] = []
        for (key, value) in mapping where failure == nil {
            let place = location(of: key)
            guard let name = name(of: key) else {
                let found = key.scalar == nil ? "a collection" : "nothing"
                findings.error("a key must be text, found \(found)", at: place, hint: "quote text that has braces")
                continue
            }
            let value = convert(value, depth: depth + 1, findings: &findings)
            if let first = places[name] {
                let hint = "it stands in line \(first.line) already"
                findings.error("duplicate key \(name.quoted)", at: place, hint: hint)
            } else if name == "<<", key.scalar?.style == .plain {
                merged.append(value)
            } else {
                places[name] = place
                entries.append(SyntaxNode.Entry(key: name, keyLocation: place, value: value))
            }
        }
        for value in merged { merge(value, into: &entries, names: &places, findings: &findings) }
        return entries
    }

    /// The keys of the mapping itself win, then those of earlier merges, as YAML has it.
    private func merge(
        _ value: SyntaxNode,
        into entries: inout [SyntaxNode.Entry],
        names: inout [String: SourceLocation],
        findings: inout Findings
    ) {
        for item in value.items {
            guard case .mapping(let added) = item.content else {
                findings.error("`<<` takes a mapping or a list of mappings, found \(item.found)", at: item.location)
                continue
            }
            for entry in added where names[entry.key] == nil {
                names[entry.key] = entry.keyLocation
                entries.append(entry)
            }
        }
    }

    private func location(of node: Node) -> SourceLocation {
        SourceLocation(file: source.file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// The key as the file has it, before it was made unique.
    private func name(of key: Node) -> String? {
        guard let scalar = key.scalar, !scalar.string.isEmpty else { return nil }
        guard let mark = key.mark,
            let original = renamed[YAMLReader.Position(line: mark.line, column: mark.column)]
        else { return scalar.string }
        return String(Character(original)) + String(scalar.string.unicodeScalars.dropFirst())
    }
}

extension SyntaxNode.ScalarStyle {
    fileprivate init(_ style: Node.Scalar.Style) {
        self =
            switch style {
            case .any, .plain: .plain
            case .singleQuoted: .singleQuoted
            case .doubleQuoted: .doubleQuoted
            case .literal: .literal
            case .folded: .folded
            }
    }
}
