/// What may stand at one place of a file. Checks, the JSON Schema and the reference pages all come from it.
indirect enum Shape: Sendable {
    case scalar(ScalarKind)
    case list(Shape)
    /// One value stands for a list of one.
    case oneOrMany(Shape)
    case mapping(MappingShape)
    /// Told apart by scalar, list or mapping.
    case either([Shape])
    /// A key without a value.
    case nothing
}

/// The keys of a mapping.
struct MappingShape: Sendable {
    /// With its article, as a message calls it: `a stage`.
    var title: String
    var keys: [Key] = []
    /// Set where the file chooses names, as of stages or variables.
    var others: Others?
    var isEmptyAllowed = true
    /// Ways to say one thing: of each list exactly one key must be there.
    var ways: [[String]] = []
    /// Keys that people try here, and what to write instead.
    var hints: [String: String] = [:]
    /// Where the reference has the first keys of this mapping already, and how many they are.
    var inherited: (path: String, count: Int)?
    /// Keys that start with `x-` are left alone: a place for anchors.
    var allowsExtensions = false

    struct Others: Sendable {
        /// How the name is called in the reference, as `NAME`.
        var placeholder: String
        var name: ScalarKind
        var shape: Shape
    }

    func key(_ name: String) -> Key? { keys.first { $0.name == name } }
}

/// One key that a file may have.
struct Key: Sendable {
    var name: String
    var shape: Shape
    var summary: String
    /// In words or as written; `nil` where leaving it out means that there is none.
    var fallback: String?
    /// The key with a value, as a file has it on one line.
    var example: String
    var isRequired: Bool

    init(
        _ name: String,
        _ shape: Shape,
        _ summary: String,
        fallback: String? = nil,
        example: String,
        isRequired: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.summary = summary
        self.fallback = fallback
        self.example = example
        self.isRequired = isRequired
    }
}

extension Shape {
    func accepts(_ node: SyntaxNode) -> Bool {
        switch self {
        case .scalar: if case .scalar = node.content { !node.isNull } else { false }
        case .list: if case .list = node.content { true } else { false }
        case .oneOrMany(let element): Shape.list(element).accepts(node) || element.accepts(node)
        case .mapping: if case .mapping = node.content { true } else { false }
        case .either(let shapes): shapes.contains { $0.accepts(node) }
        case .nothing: node.isNull
        }
    }

    /// As a message says what is allowed: `a duration such as "30m"`.
    var noun: String {
        switch self {
        case .scalar(let kind): kind.noun
        case .list(let element): "a list, each item \(element.noun)"
        case .oneOrMany(let element): "\(element.noun), or a list of such"
        case .mapping(let mapping) where mapping.keys.isEmpty: "a mapping of names"
        case .mapping(let mapping): "a mapping with \(mapping.keys.map(\.name).alternatives)"
        case .either(let shapes): shapes.map(\.noun).joined(separator: ", or ")
        case .nothing: "nothing"
        }
    }

    /// Calls `visit` for each scalar of a tree that fits this shape.
    func walk(_ node: SyntaxNode, _ visit: (SyntaxNode, ScalarKind) -> Void) {
        guard accepts(node) else { return }
        switch self {
        case .scalar(let kind): visit(node, kind)
        case .list(let element), .oneOrMany(let element): for item in node.items { element.walk(item, visit) }
        case .mapping(let mapping):
            for entry in node.entries {
                (mapping.key(entry.key)?.shape ?? mapping.others?.shape)?.walk(entry.value, visit)
            }
        case .either(let shapes): shapes.first { $0.accepts(node) }?.walk(node, visit)
        case .nothing: return
        }
    }
}
