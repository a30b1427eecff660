import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RunnerCore

/// Asks a rule's source for its number.
struct WatchSource: Sendable {
    /// Of an answer, more is not read.
    private static let longestBody = 1 << 20

    let client: HTTPClient
    let environment: String
    let version: String
    let facts: [String: String]
    let shells: DeployShells
    let timeout: Duration

    /// Of what is asked elsewhere; `nil` for our own probes.
    func read(_ rule: WatchRule) async -> WatchReading? {
        do {
            switch rule.source {
            case .prometheus(let url, let query): return try await prometheus(url, query, rule.bound)
            case .http(let url, let path): return try await http(url, path)
            case .command(let script): return try await command(script)
            case .errorRate, .p95: return nil
            }
        } catch let failure as DeployFailure {
            return .failed(failure.why ?? failure.what)
        } catch {
            return .failed("\(error)")
        }
    }

    private func prometheus(_ url: String, _ query: String, _ bound: WatchRule.Bound) async throws -> WatchReading {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        var request = HTTPClientRequest(url: "\(base)/api/v1/query")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let encoded = filled(query).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        request.body = .bytes(ByteBuffer(string: "query=\(encoded)"))
        let answer = try JSONDecoder().decode(PrometheusAnswer.self, from: try await ask(request, 200...422))
        guard answer.status == "success", let data = answer.data else {
            return .failed(answer.error ?? "the query did not succeed")
        }
        let values = data.result.values
        guard !values.isEmpty else { return .noData("the query has no result") }
        // Of several the worst.
        switch bound {
        case .above: return .value(values.max() ?? .nan)
        case .below: return .value(values.min() ?? .nan)
        }
    }

    private func http(_ url: String, _ path: String) async throws -> WatchReading {
        let data = try await ask(HTTPClientRequest(url: filled(url)), 200...299)
        var value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        for name in path.split(separator: ".") {
            if let object = value as? [String: Any], let member = object[String(name)] {
                value = member
            } else if let list = value as? [Any], let index = Int(name), list.indices.contains(index) {
                value = list[index]
            } else {
                return .noData("the answer has no `\(path)`")
            }
        }
        if let text = value as? String, let number = Double(text) { return .value(number) }
        guard let number = value as? NSNumber else { return .noData("`\(path)` is no number") }
        return .value(number.doubleValue)
    }

    private func command(_ script: Script) async throws -> WatchReading {
        let lines = try await shells.shell(.local).demand("ask for a number", script, environment: facts)
        guard let line = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else {
            return .noData("it printed nothing")
        }
        let words = line.split(separator: " ")
        guard let number = words.last.flatMap({ Double($0) }) else { return .noData("it printed no number") }
        return .value(number)
    }

    private func ask(_ request: HTTPClientRequest, _ good: ClosedRange<UInt>) async throws -> Data {
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
        guard good.contains(response.status.code) else {
            throw DeployFailure(.refused, "cannot ask \(request.url)", why: "it answered \(response.status.code)")
        }
        return Data(try await response.body.collect(upTo: Self.longestBody).readableBytesView)
    }

    private func filled(_ text: String) -> String {
        text.replacingOccurrences(of: "{version}", with: version)
            .replacingOccurrences(of: "{environment}", with: environment)
    }
}

/// What Prometheus answers to an instant query: a vector or a scalar.
private struct PrometheusAnswer: Decodable {
    struct Result: Decodable {
        let result: Values
    }

    struct Values: Decodable {
        let values: [Double]

        private struct Sample: Decodable {
            let value: Pair
        }

        private struct Pair: Decodable {
            let number: Double

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                _ = try list.decode(Double.self)
                number = Double(try list.decode(String.self)) ?? .nan
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // A scalar is one pair, a vector a list of samples.
            if let pair = try? container.decode(Pair.self) {
                values = [pair.number]
            } else {
                values = try container.decode([Sample].self).map(\.value.number)
            }
        }
    }

    let status: String
    let data: Result?
    let error: String?
}
