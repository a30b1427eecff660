package import RunnerCore

/// Reads pipeline files: all that is wrong at once, or the pipeline.
package enum PipelineParser {
    /// The pipeline of `file`, and every finding, by place. There is a pipeline exactly where no finding is an error.
    ///
    /// `read` gives the bytes of another file of the same repository, for `include`; `nil` where there is none.
    package static func parse(
        file: String,
        bytes: [UInt8],
        read: (String) -> [UInt8]? = { _ in nil }
    ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
        var findings = Findings()
        let pipeline = withoutActuallyEscaping(read) { parse(file: file, bytes: bytes, read: $0, findings: &findings) }
        return (findings.hasErrors ? nil : pipeline, findings.sorted)
    }

    private static func parse(
        file: String,
        bytes: [UInt8],
        read: @escaping (String) -> [UInt8]?,
        findings: inout Findings
    ) -> Pipeline? {
        guard let source = SourceText(file: file, bytes: bytes, findings: &findings),
            let tree = YAMLReader.read(source, findings: &findings)
        else { return nil }
        var grammar = PipelineGrammar.root
        if tree["include"] != nil, let index = grammar.keys.firstIndex(where: { $0.name == "stages" }) {
            // The stages may all come from included files.
            grammar.keys[index].isRequired = false
        }
        ShapeCheck.run(tree, as: grammar, findings: &findings)
        guard case .mapping = tree.content else { return nil }
        var includes = IncludeReader(read: read)
        let root = includes.resolve(tree, path: [file], findings: &findings)
        if tree["include"] != nil, root["stages"] == nil {
            findings.error("neither this file nor those it includes have `stages`", at: root.location)
        }
        guard isWithinLimits(root, findings: &findings) else { return nil }
        StageGraphCheck(root: root).run(findings: &findings)
        var stages = StageCheck(root: root)
        stages.run(findings: &findings)
        ReferenceCheck(root: root).run(findings: &findings)
        TriggerCheck(root: root).run(findings: &findings)
        return findings.hasErrors ? nil : PipelineBuilder(root: root, file: file).build()
    }

    /// Before the matrices are expanded. The server's limit counts what would run.
    private static let maximumStages = 2_000

    private static func isWithinLimits(_ root: SyntaxNode, findings: inout Findings) -> Bool {
        let stages = (root["stages"]?.entries ?? []) + (root["finally"]?.entries ?? [])
        guard stages.count > maximumStages else { return true }
        let message = "the pipeline has \(stages.count) stages; at most \(maximumStages) are read"
        findings.error(message, at: stages[maximumStages].keyLocation)
        return false
    }
}
