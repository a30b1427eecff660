import HTTPTypes
import Hummingbird
import RunnerCore

/// One thing that can be asked of the server: what its route and its entry in the OpenAPI document are made of.
struct Endpoint: Sendable {
    enum Access: Sendable, Hashable {
        /// For all.
        case open
        /// For this role and those above it.
        case role(Role)
        /// For whoever can sign.
        case signed
    }

    /// What a body holds.
    struct Content: Sendable {
        var type: String
        /// `nil` for what is no JSON.
        var shape: Shape?
        var summary = ""
    }

    var name: String
    var method: HTTPRequest.Method
    var path: RoutePath
    var summary: String
    var access: Access
    var parameters: [ParameterDescription] = []
    var body: (type: Shape, isRequired: Bool, limits: [String: Schema])?
    /// Of the answer where all goes well.
    var status: HTTPResponse.Status
    var answers: [Content]
    /// Other answers that are no problems.
    var others: [(status: HTTPResponse.Status, content: Content)] = []
    let respond: @Sendable (Call) async throws -> Response
}

extension Endpoint {
    /// Answers with JSON.
    static func get<Answer: Codable & Sendable>(
        _ path: String,
        _ name: String,
        _ summary: String,
        access: Access = .role(.viewer),
        parameters: [ParameterDescription] = [],
        _ answer: @escaping @Sendable (Call) async throws -> Answer
    ) -> Endpoint {
        Endpoint(
            name: name,
            method: .get,
            path: RoutePath(path),
            summary: summary,
            access: access,
            parameters: parameters,
            status: .ok,
            answers: [Content(type: "application/json", shape: Answer.self)]
        ) { call in try Response.json(await answer(call)) }
    }

    /// Takes and answers with JSON. A body may be left out where nothing of it is required.
    static func post<Body: Codable & Sendable, Answer: Codable & Sendable>(
        _ path: String,
        _ name: String,
        _ summary: String,
        access: Access,
        parameters: [ParameterDescription] = [],
        isBodyRequired: Bool = true,
        limits: [String: Schema] = [:],
        status: HTTPResponse.Status = .ok,
        _ answer: @escaping @Sendable (Call, Body) async throws -> Answer
    ) -> Endpoint {
        Endpoint(
            name: name,
            method: .post,
            path: RoutePath(path),
            summary: summary,
            access: access,
            parameters: parameters,
            body: (Body.self, isBodyRequired, limits),
            status: status,
            answers: content(of: Answer.self)
        ) { call in
            let value = try await answer(call, call.body(Body.self))
            return value is Nothing ? Response(status: status) : try Response.json(value, status: status)
        }
    }

    /// Without a body.
    static func act<Answer: Codable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ name: String,
        _ summary: String,
        access: Access,
        parameters: [ParameterDescription] = [],
        status: HTTPResponse.Status = .ok,
        _ answer: @escaping @Sendable (Call) async throws -> Answer
    ) -> Endpoint {
        Endpoint(
            name: name,
            method: method,
            path: RoutePath(path),
            summary: summary,
            access: access,
            parameters: parameters,
            status: status,
            answers: content(of: Answer.self)
        ) { call in
            let value = try await answer(call)
            return value is Nothing ? Response(status: status) : try Response.json(value, status: status)
        }
    }

    private static func content(of type: Shape) -> [Content] {
        type is Nothing.Type ? [] : [Content(type: "application/json", shape: type)]
    }
}

/// A type whose JSON can be described.
typealias Shape = any (Decodable & Sendable).Type

/// The body of an answer that has none.
struct Nothing: Codable, Sendable {}
