import RunnerCore

/// One value of a file and where it stands: YAML without tags, aliases and merges.
struct SyntaxNode {
    enum Content {
        case scalar(String, ScalarStyle)
        case list([SyntaxNode])
        case mapping([Entry])
    }

    enum ScalarStyle {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    struct Entry {
        var key: String
        var keyLocation: SourceLocation
        var value: SyntaxNode
    }

    var content: Content
    var source: SourceText
    var line: Int
    var column: Int

    var location: SourceLocation { SourceLocation(file: source.file, line: line, column: column) }

    /// `~`, `null` or nothing at all.
    var isNull: Bool {
        guard case .scalar(let text, .plain) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// As written, whatever YAML would make of it: `1.10`, `on` and `012` stay so.
    var text: String? {
        guard case .scalar(let text, _) = content, !isNull else { return nil }
        return text
    }

    var entries: [Entry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// The elements of a list, or the value itself where one stands for a list of one.
    var items: [SyntaxNode] {
        switch content {
        case .list(let items): items
        case .scalar, .mapping: isNull ? [] : [self]
        }
    }

    func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }

    subscript(key: String) -> SyntaxNode? { entry(key)?.value }

    /// What a message calls it.
    var found: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : text.quoted
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}
