import Foundation
import PipelineSyntax
import Testing

/// Each file that docs/environments.md shows is one that can be used.
struct EnvironmentPageTests {
    @Test func `what the page shows can be parsed`() throws {
        let page = try String(contentsOf: repositoryRoot.appending(path: "docs/environments.md"), encoding: .utf8)
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(blocks.count >= 4)
        for block in blocks {
            let name = try #require(block.split(separator: "\n").first?.split(separator: " ").last)
            let parsed = EnvironmentParser.parse(file: String(name), bytes: Array(block.utf8))
            #expect(parsed.environment != nil, "\(name): \(parsed.diagnostics)")
            #expect(parsed.diagnostics.isEmpty, "\(name): \(parsed.diagnostics)")
        }
    }
}
