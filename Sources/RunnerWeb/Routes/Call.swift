import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import RunnerAPI
import RunnerCore

/// A request that was let in, with its parameters and its body checked.
struct Call: Sendable {
    let request: Request
    let caller: Caller
    let parameters: ParameterValues
    /// Empty where the endpoint takes none.
    let data: Data
    let site: Site
    let logger: Logger

    func callAsFunction<Value>(_ parameter: Parameter<Value>) throws -> Value { try parameters.required(parameter) }

    func optional<Value>(_ parameter: Parameter<Value>) throws -> Value? { try parameters.optional(parameter) }

    func body<Body: Decodable>(_ type: Body.Type) throws -> Body { try APIJSON.decode(type, from: data) }
}

extension Response {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try APIJSON.encode(value)))
        )
    }

    static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
