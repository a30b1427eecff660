import FoundationEssentials
import HTTPTypes
import RunnerAPI

/// Every endpoint. What routes requests and what describes them are made of the same values.
struct RouteTable: Sendable {
    enum Found: Sendable {
        case endpoint(Prepared, given: [String: String])
        /// The path is known, with other methods.
        case otherMethod([HTTPRequest.Method])
        case nothing
    }

    /// An endpoint and how its body is checked.
    struct Prepared: Sendable {
        let endpoint: Endpoint
        let schema: Schema?
        let components: [String: Schema]

        init(_ endpoint: Endpoint) {
            self.endpoint = endpoint
            guard let body = endpoint.body else {
                schema = nil
                components = [:]
                return
            }
            var reflection = SchemaReflection(isRequest: true)
            schema = reflection.schema(of: body.type)
            components = reflection.components.mapValues { $0.limited(by: body.limits) }
        }
    }

    let endpoints: [Prepared]

    init(_ endpoints: [Endpoint]) { self.endpoints = endpoints.map(Prepared.init) }

    func find(_ method: HTTPRequest.Method, _ path: [String]) -> Found {
        var others: [HTTPRequest.Method] = []
        for prepared in endpoints {
            guard let given = prepared.endpoint.path.match(path) else { continue }
            let known = prepared.endpoint.method
            if known == method || (known == .get && method == .head) { return .endpoint(prepared, given: given) }
            others.append(known)
        }
        return others.isEmpty ? .nothing : .otherMethod(others)
    }
}

extension RouteTable.Prepared {
    /// Checks a body, and gives what is to be decoded.
    func checked(_ data: Data) throws(Problem) -> Data {
        guard let body = endpoint.body, let schema else { return Data() }
        if data.isEmpty, !body.isRequired { return Data("{}".utf8) }
        // Why it is no JSON, a decoder's words do not tell a person better.
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw .badRequest("the body is not JSON")
        }
        if let problem = schema.problem(in: value, components) { throw .badRequest(problem) }
        return data
    }
}

extension Schema {
    /// With the given schemas for properties of these names.
    func limited(by limits: [String: Schema]) -> Schema {
        guard case .object(let properties, let isClosed) = self else { return self }
        let limited = properties.map { property in
            Property(
                name: property.name,
                schema: limits[property.name] ?? property.schema,
                isRequired: property.isRequired
            )
        }
        return .object(limited, isClosed: isClosed)
    }
}
