import HTTPTypes
import RunnerAPI
import RunnerCore

/// The OpenAPI 3.1 document of a route table.
struct OpenAPIDocument {
    private let version: String
    private var paths: [String: [String: JSONValue]] = [:]
    private var components: [String: JSONValue] = [:]

    init(_ routes: RouteTable, version: String) {
        self.version = version
        var answers = SchemaReflection(isRequest: false)
        _ = answers.schema(of: ProblemBody.self)
        for prepared in routes.endpoints {
            let operation = Self.operation(prepared, &answers)
            paths[prepared.endpoint.path.description, default: [:]][prepared.endpoint.method.rawValue.lowercased()] =
                .object(operation)
            for (name, schema) in prepared.components { components[name] = schema.json }
        }
        for (name, schema) in answers.components { components[name] = schema.json }
    }

    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "runner",
                "version": .string(version),
                "summary": "A self-hosted, Git-driven CI/CD pipeline runner.",
            ],
            "paths": .object(paths.mapValues(JSONValue.object)),
            "components": [
                "schemas": .object(components),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func operation(
        _ prepared: RouteTable.Prepared,
        _ answers: inout SchemaReflection
    ) -> [String: JSONValue] {
        let endpoint = prepared.endpoint
        var operation: [String: JSONValue] = [
            "operationId": .string(endpoint.name),
            "summary": .string(endpoint.summary),
        ]
        var responses: [String: JSONValue] = [
            "\(endpoint.status.code)": answer(endpoint.answers, &answers), "default": problem,
        ]
        for other in endpoint.others { responses["\(other.status.code)"] = answer([other.content], &answers) }
        operation["responses"] = .object(responses)
        if !endpoint.parameters.isEmpty { operation["parameters"] = .array(endpoint.parameters.map(parameter)) }
        if let body = endpoint.body, let schema = prepared.schema {
            operation["requestBody"] = [
                "required": .bool(body.isRequired),
                "content": ["application/json": ["schema": schema.json]],
            ]
        }
        switch endpoint.access {
        case .open: operation["security"] = []
        case .role(let role):
            operation["security"] = [["token": []]]
            operation["description"] = .string("For the role `\(role.rawValue)` and those above it.")
        case .signed:
            operation["security"] = []
            operation["description"] = "Signed with the repository's webhook secret."
        }
        return operation
    }

    private static func parameter(_ parameter: ParameterDescription) -> JSONValue {
        let schema = parameter.isRepeated ? Schema.array(parameter.schema) : parameter.schema
        return [
            "name": .string(parameter.name),
            "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.isRequired),
            "description": .string(parameter.summary),
            "schema": schema.json,
        ]
    }

    private static func answer(_ contents: [Endpoint.Content], _ answers: inout SchemaReflection) -> JSONValue {
        var answer: [String: JSONValue] = ["description": "Done."]
        var content: [String: JSONValue] = [:]
        for item in contents {
            var media: [String: JSONValue] = [:]
            if let shape = item.shape {
                media["schema"] = answers.schema(of: shape).json
            } else {
                media["schema"] = ["type": "string"]
            }
            if !item.summary.isEmpty { answer["description"] = .string(item.summary) }
            content[item.type] = .object(media)
        }
        if !content.isEmpty { answer["content"] = .object(content) }
        return .object(answer)
    }

    private static let problem: JSONValue = [
        "description": "It could not be done: what, why, and what to try.",
        "content": ["application/json": ["schema": Schema.reference("ProblemBody").json]],
    ]
}
