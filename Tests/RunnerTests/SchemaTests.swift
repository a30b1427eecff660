import FoundationEssentials
import Testing

/// `runner schema`.
struct SchemaTests {
    private struct Schema: Decodable {
        let title: String
        let type: String
    }

    @Test(arguments: [
        ("pipeline", "A pipeline of runner"), ("config", "The configuration of runner"),
        ("environment", "An environment of runner"),
    ])
    func `each kind of file has a schema`(kind: String, title: String) async throws {
        let end = try await RunnerFixture().run("schema", kind)
        #expect(end.status == 0)
        #expect(try JSONDecoder().decode(Schema.self, from: Data(end.output.utf8)).title == title)
    }

    @Test func `another kind is wrong usage`() async throws {
        #expect(try await RunnerFixture().run("schema", "nothing").status == 2)
    }
}
