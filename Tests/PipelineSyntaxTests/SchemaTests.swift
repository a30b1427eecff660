import Foundation
import RunnerCore
import Testing

@testable import PipelineSyntax

@Suite struct SchemaTests {
    @Test(arguments: [PipelineSchema.json(), ConfigurationSchema.json()])
    func `a schema is JSON of draft 2020-12`(text: String) throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(document["additionalProperties"] as? Bool == false)
    }

    @Test func `a schema has every key of the grammar`() throws {
        let text = PipelineSchema.json()
        for key in allKeys(of: PipelineGrammar.root) { #expect(text.contains("\"\(key.name)\": {"), "\(key.name)") }
    }

    @Test func `every example of the grammar fits its key`() {
        for key in allKeys(of: PipelineGrammar.root) + allKeys(of: ConfigurationGrammar.root) {
            var findings = Findings()
            let source = SourceText(file: key.name, bytes: Array(key.example.utf8), findings: &findings)
            let tree = source.flatMap { YAMLReader.read($0, findings: &findings) }
            let mapping = MappingShape(title: "an example", keys: [key])
            if let tree { ShapeCheck.run(tree, as: mapping, findings: &findings) }
            #expect(tree?.entries.map(\.key) == [key.name])
            #expect(findings.sorted.map(\.description) == [])
        }
    }

    @Test(arguments: [
        ("docs/pipeline-reference.md", ReferencePage.pipeline()),
        ("docs/configuration-reference.md", ReferencePage.configuration()),
        ("docs/environment-reference.md", ReferencePage.environment()),
    ])
    func `the reference in docs is the one of the grammar`(path: String, expected: String) throws {
        let url = repositoryRoot.appending(path: path)
        if ProcessInfo.processInfo.environment["RUNNER_UPDATE_DOCS"] == "1" {
            try expected.write(to: url, atomically: true, encoding: .utf8)
        }
        let found = try String(contentsOf: url, encoding: .utf8)
        #expect(found == expected, "to write it anew: RUNNER_UPDATE_DOCS=1 swift test --filter SchemaTests")
    }

    private func allKeys(of mapping: MappingShape) -> [Key] {
        mapping.keys.flatMap { [$0] + allKeys(of: $0.shape) } + (mapping.others.map { allKeys(of: $0.shape) } ?? [])
    }

    private func allKeys(of shape: Shape) -> [Key] {
        switch shape {
        case .scalar, .nothing: []
        case .list(let element), .oneOrMany(let element): allKeys(of: element)
        case .mapping(let mapping): allKeys(of: mapping)
        case .either(let shapes): shapes.flatMap(allKeys)
        }
    }
}
