import Foundation
import HTTPTypes
import RunnerAPI
import RunnerCore
import Testing

@testable import RunnerWeb

@Suite struct OpenAPITests {
    @Test func `the document names every endpoint once, with what it takes and gives`() throws {
        let document = OpenAPIDocument(.all, version: "1").json
        guard case .object(let root) = document, case .object(let paths)? = root["paths"] else {
            throw TestFailure(description: "it has no paths")
        }
        let names = RouteTable.all.endpoints.map(\.endpoint.name)
        #expect(Set(names).count == names.count)
        for endpoint in RouteTable.all.endpoints.map(\.endpoint) {
            guard case .object(let methods)? = paths[endpoint.path.description],
                case .object(let operation)? = methods[endpoint.method.rawValue.lowercased()]
            else { throw TestFailure(description: "\(endpoint.name) is not there") }
            #expect(operation["operationId"] == .string(endpoint.name))
            let given = endpoint.path.parts.compactMap { if case .given(let name) = $0 { name } else { nil } }
            #expect(Set(given) == Set(endpoint.parameters.filter { $0.place == .path }.map(\.name)), "\(endpoint.name)")
        }
    }

    @Test func `schemas are those of the types`() {
        var reflection = SchemaReflection(isRequest: false)
        #expect(reflection.schema(of: Page<RunSummary>.self) == .reference("RunSummaryPage"))
        let page = reflection.components["RunSummaryPage"]
        let expected: [Schema.Property] = [
            .init(name: "items", schema: .array(.reference("RunSummary")), isRequired: true),
            .init(name: "next", schema: .integer(), isRequired: false),
        ]
        #expect(page == .object(expected, isClosed: false))
        guard case .object(let properties, _)? = reflection.components["RunSummary"] else {
            Issue.record("there is no RunSummary")
            return
        }
        let byName = Dictionary(properties.map { ($0.name, $0) }) { old, _ in old }
        #expect(byName["createdAt"]?.schema == .time && byName["createdAt"]?.isRequired == true)
        #expect(byName["finishedAt"]?.schema == .time && byName["finishedAt"]?.isRequired == false)
        #expect(byName["status"]?.schema == .choice(["pending", "waiting", "running", "finished"]))
        #expect(byName["outcome"]?.isRequired == false)
        _ = reflection.schema(of: RunBundle.self)
        guard case .object(let bundle, _)? = reflection.components["RunBundle"] else {
            Issue.record("there is no RunBundle")
            return
        }
        #expect(bundle.map(\.name).contains("createdAt"), "the last key is reached")
    }

    @Test func `every type of a request or an answer can be described`() {
        for isRequest in [true, false] {
            var reflection = SchemaReflection(isRequest: isRequest)
            for endpoint in RouteTable.all.endpoints.map(\.endpoint) {
                let answers = (endpoint.answers + endpoint.others.map(\.content)).compactMap(\.shape)
                for shape in isRequest ? [endpoint.body?.type].compactMap(\.self) : answers {
                    _ = reflection.schema(of: shape)
                }
            }
            #expect(reflection.incomplete == [])
        }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private static let fuzz = "\(root)/scripts/fuzz-api"
    private static var isFuzzThere: Bool {
        FileManager.default.isExecutableFile(atPath: "\(root)/.build/api-tools/bin/schemathesis")
    }

    @Test(.enabled(if: isFuzzThere, "schemathesis is not installed: `scripts/setup test`"), .timeLimit(.minutes(3)))
    func `requests made from the document find no answer that it does not describe`() async throws {
        try await TestSite.run(seconds: 170) { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try run.append("hello\n")
            try run.endStep()
            try await run.finish()
            let token = try await site.token(.admin)
            let url = "http://127.0.0.1:\(site.listening.port ?? 0)"
            let result = try await Tool.run(Self.fuzz, [url, token], in: Self.root)
            #expect(result.status == 0, "\(result.text.filter { $0 != "0" }.suffix(9000))")
        }
    }
}
