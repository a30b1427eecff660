import RunnerCore

/// Checks that expressions name only what is there: axes, inputs, needed stages.
struct ReferenceCheck {
    private let root: SyntaxNode
    private let inputs: Set<String>
    private let stageNames: Set<String>

    init(root: SyntaxNode) {
        self.root = root
        inputs = Set(root["on"]?["manual"]?["inputs"]?.entries.map(\.key) ?? [])
        stageNames = Set(root["stages"]?.entries.map(\.key) ?? [])
    }

    func run(findings: inout Findings) {
        let file = Scope(owner: "the pipeline", axes: nil, needs: nil)
        for entry in root.entries where ["env", "concurrency"].contains(entry.key) {
            guard let key = PipelineGrammar.root.key(entry.key) else { continue }
            check(entry.value, key.shape, file, &findings)
        }
        for stage in root["stages"]?.entries ?? [] {
            check(stage, PipelineGrammar.stage, needs: stage.value["needs"]?.texts ?? [], &findings)
        }
        let names = root["stages"]?.entries.map(\.key) ?? []
        for stage in root["finally"]?.entries ?? [] {
            check(stage, PipelineGrammar.finalStage, needs: names + (stage.value["needs"]?.texts ?? []), &findings)
        }
    }

    /// What may be named at one place. `nil` means that the context has no value there.
    private struct Scope {
        var owner: String
        var axes: Set<String>?
        var needs: Set<String>?
    }

    private func check(
        _ stage: SyntaxNode.Entry,
        _ mapping: MappingShape,
        needs: [String],
        _ findings: inout Findings
    ) {
        let matrix = stage.value["matrix"]
        let added = matrix?["include"]?.items.flatMap { $0.entries.map(\.key) } ?? []
        let axes = (matrix?.entries.map(\.key) ?? []).filter { $0 != "include" && $0 != "exclude" }
        let owner = "the stage \(stage.key.quoted)"
        let scope = Scope(owner: owner, axes: Set(axes + added), needs: Set(needs))
        for entry in stage.value.entries {
            guard let key = mapping.key(entry.key) else { continue }
            check(entry.value, key.shape, scope, &findings)
        }
    }

    private func check(_ node: SyntaxNode, _ shape: Shape, _ scope: Scope, _ findings: inout Findings) {
        var found: [(SyntaxNode, [[String]])] = []
        shape.walk(node) { scalar, kind in
            guard kind.hasExpressions, let text = scalar.text else { return }
            let paths = Self.paths(in: text, kind)
            if !paths.isEmpty { found.append((scalar, paths)) }
        }
        for (scalar, paths) in found {
            for path in paths where !findings.isFull { check(path, at: scalar, scope, &findings) }
        }
    }

    private static func paths(in text: String, _ kind: ScalarKind) -> [[String]] {
        if kind == .expression {
            // What cannot be read has been reported by the check of the shape.
            return (try? Condition(text).parse())?.references.paths ?? []
        }
        guard text.contains("${{"), text.utf8.count <= ScalarKind.maximumTemplate,
            let template = try? Template.parse(text)
        else { return [] }
        return template.references.paths
    }

    private func check(_ path: [String], at node: SyntaxNode, _ scope: Scope, _ findings: inout Findings) {
        guard let context = path.first, path.count > 1 else { return }
        let name = path[1]
        let problem: (message: String, names: Set<String>)? =
            switch context {
            case "matrix":
                if let axes = scope.axes {
                    axes.contains(name) ? nil : ("`matrix.\(name)` is not an axis of \(scope.owner)", axes)
                } else {
                    ("`matrix.\(name)` has no value here", [])
                }
            case "inputs":
                inputs.contains(name) ? nil : ("`inputs.\(name)` is not declared in `on.manual.inputs`", inputs)
            case "needs":
                if let needs = scope.needs {
                    needs.contains(name) ? nil : ("`needs.\(name)` does not stand in `needs` of \(scope.owner)", needs)
                } else {
                    ("`needs.\(name)` has no value here", [])
                }
            default: nil
            }
        guard let problem else { return }
        let near = problem.names.nearest(to: name).map { "did you mean `\(context).\($0)`?" }
        let isStage = context == "needs" && scope.needs != nil && stageNames.contains(name)
        let hint = near ?? (isStage ? "add `\(name)` to `needs`" : nil)
        findings.error(problem.message, at: place(of: path, in: node), hint: hint)
    }

    /// Expressions keep no positions of their parts, so the text is searched.
    private func place(of path: [String], in node: SyntaxNode) -> SourceLocation {
        // Searching a long text for each of its findings would cost seconds.
        guard let text = node.text, text.utf8.count < 10_000 else { return node.location }
        for written in [path.prefix(2).joined(separator: "."), path[1], path[0]] {
            guard let range = text.firstRange(of: written) else { continue }
            return node.location(ofCharacter: text.distance(from: text.startIndex, to: range.lowerBound))
        }
        return node.location
    }
}
