import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import RunnerAPI
import RunnerWeb

/// One request as it is given, and the whole answer.
enum HTTPProbe {
    struct Answer: Sendable {
        let status: UInt
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func problem() throws -> ProblemBody { try APIJSON.decode(ProblemBody.self, from: Data(body)) }
    }

    static func ask(
        _ method: String,
        _ url: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let data = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: response.status.code,
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
            body: Array(data.readableBytesView)
        )
    }
}

extension TestSite {
    /// Over TCP.
    func ask(
        _ method: String,
        _ path: String,
        token: String? = nil,
        headers: [(String, String)] = [],
        json: String? = nil
    ) async throws -> HTTPProbe.Answer {
        var headers = headers
        if let token { headers.append(("authorization", "Bearer \(token)")) }
        if json != nil { headers.append(("content-type", "application/json")) }
        return try await HTTPProbe.ask(
            method,
            "http://127.0.0.1:\(listening.port ?? 0)\(path)",
            headers: headers,
            body: json.map { Array($0.utf8) }
        )
    }
}
