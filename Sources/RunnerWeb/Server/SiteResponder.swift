import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RunnerAPI

/// A request from its first line to its answer: route, access, limits, the endpoint, and what every answer has.
struct SiteResponder: HTTPResponder {
    let site: Site
    let routes: RouteTable
    let gatekeeper: Gatekeeper
    let isEncrypted: Bool

    /// Asked all day long.
    private static let probes: Set<String> = ["/live", "/ready", "/health", "/metrics"]
    /// Of a JSON body.
    private static let largestBody = 1 << 20

    func respond(to request: Request, context: CallContext) async throws -> Response {
        let start = ContinuousClock.now
        var caller = Caller(name: "nobody")
        var response: Response
        do {
            caller = try await gatekeeper.caller(of: request, on: context.channel)
            response = try await answer(request, caller)
        } catch {
            response = refusal(error)
        }
        if request.method == .head { response = response.createHeadResponse() }
        addHeaders(to: &response)
        note(request, response, caller, start)
        return response
    }

    private func answer(_ request: Request, _ caller: Caller) async throws -> Response {
        guard let path = RoutePath.split(request.uri.path) else { throw Problem.unknown("such address") }
        switch routes.find(request.method, path) {
        case .nothing: throw Problem.unknown("such address", hint: "GET /api/openapi.json lists them")
        case .otherMethod(let methods):
            throw Problem(
                .methodNotAllowed,
                "cannot \(request.method.rawValue) that address",
                headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")]
            )
        case .endpoint(let prepared, let given):
            // Before anything else is said: what exists is nothing for strangers.
            try Gatekeeper.check(caller, for: prepared.endpoint.access)
            let call = Call(
                request: request,
                caller: caller,
                parameters: try parameters(of: request, prepared.endpoint, given),
                data: try await body(of: request, prepared),
                site: site,
                logger: site.logger
            )
            return try await prepared.endpoint.respond(call)
        }
    }

    private func parameters(
        of request: Request,
        _ endpoint: Endpoint,
        _ path: [String: String]
    ) throws -> ParameterValues {
        var given = path.map { (place: ParameterDescription.Place.path, name: $0.key, text: $0.value) }
        // What signs itself is somebody else's form of request.
        if endpoint.access != .signed {
            for item in (request.uri.query ?? "").split(separator: "&") {
                let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    .map { PercentDecoding.decode($0, plus: true) }
                guard let name = parts[0], let text = parts.count > 1 ? parts[1] : "" else {
                    throw Problem.badRequest("the query `\(item)` cannot be decoded")
                }
                given.append((.query, name, text))
            }
        }
        for parameter in endpoint.parameters where parameter.place == .header {
            if let name = HTTPField.Name(parameter.name), let text = request.headers[name] {
                given.append((.header, parameter.name, text))
            }
        }
        return try ParameterValues(endpoint.parameters, given: given)
    }

    private func body(of request: Request, _ prepared: RouteTable.Prepared) async throws -> Data {
        guard prepared.endpoint.body != nil else { return Data() }
        let tooLarge = Problem(.contentTooLarge, "the body is too large", why: "\(Self.largestBody) bytes are the most")
        if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.largestBody { throw tooLarge }
        let data: Data
        do {
            data = Data(try await request.body.collect(upTo: Self.largestBody).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
        if !data.isEmpty {
            let type = request.headers[.contentType] ?? ""
            guard type.split(separator: ";").first?.lowercased() == "application/json" else {
                throw Problem(
                    .unsupportedMediaType,
                    "cannot take a body of type `\(type)`",
                    hint: "`Content-Type: application/json`"
                )
            }
        }
        return try prepared.checked(data)
    }

    private func refusal(_ error: any Error) -> Response {
        if Problem(error) == nil, !(error is CancellationError) {
            site.logger.error("a request broke", metadata: ["error": "\(error)"])
        }
        let problem =
            Problem(error)
            ?? Problem(.internalServerError, "the runner could not answer", why: "its log says more", hint: nil)
        // A record of three texts can always be written.
        var response = (try? Response.json(problem.body, status: problem.status)) ?? Response(status: problem.status)
        for field in problem.headers { response.headers.append(field) }
        return response
    }

    private func addHeaders(to response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        if let name = HTTPField.Name("referrer-policy") { response.headers[name] = "no-referrer" }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if isEncrypted { response.headers[.strictTransportSecurity] = "max-age=31536000" }
    }

    /// The path without its query, which may hold what was searched for; never a header.
    private func note(_ request: Request, _ response: Response, _ caller: Caller, _ start: ContinuousClock.Instant) {
        site.metrics.countRequest(method: request.method.rawValue, status: response.status.code)
        site.logger.log(
            level: Self.probes.contains(request.uri.path) && response.status.code < 400 ? .debug : .info,
            "request",
            metadata: [
                "method": "\(request.method.rawValue)",
                "path": "\(request.uri.path)",
                "status": "\(response.status.code)",
                "ms": "\(Int((ContinuousClock.now - start) / .milliseconds(1)))",
                "who": "\(caller.name)",
            ]
        )
    }
}
