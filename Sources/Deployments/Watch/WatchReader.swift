import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import RunnerCore
import RunnerExecution
import SystemPackage

/// Reads the numbers of an environment's rules where they come from. To be closed after use.
package struct WatchReader: Sendable {
    /// Of our own requests by the health check: `errorRate` and `p95`.
    package typealias OwnRequests = @Sendable (WatchRule.Source) async -> WatchReading

    private static let longest = 1 << 20

    private let environment: String
    private let variables: [String: String]
    private let ownRequests: OwnRequests
    private let client: HTTPClient
    /// For one answer over HTTP, from the first byte to the last.
    var timeout = Duration.seconds(10)

    /// `environment` is its name; `variables` are all that scripts get.
    package init(environment: String, variables: [String: String], ownRequests: @escaping OwnRequests) {
        self.environment = environment
        self.variables = variables
        self.ownRequests = ownRequests
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(10), write: .seconds(10))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(configuration: configuration)
    }

    package func close() async {
        // All that a client that does not end can cost is what the process gives back anyway.
        try? await client.shutdown()
    }

    /// What a rule reads for the instances of a version. That something does not answer is a reading, too; throws only
    /// where the task is canceled.
    package func read(_ rule: WatchRule, version: String) async throws(CancellationError) -> WatchReading {
        let reading: WatchReading
        switch rule.source {
        case .prometheus(let url, let query): reading = await prometheus(url, fill(query, version), rule.bound)
        case .http(let url, let path): reading = await json(url, path)
        case .command(let script): reading = await command(script, version)
        case .errorRate, .p95: reading = await ownRequests(rule.source)
        }
        // What a canceled look says is of no worth.
        if Task.isCancelled { throw CancellationError() }
        return reading
    }

    // MARK: - Sources

    /// Names stand inside quotes there.
    private func fill(_ query: String, _ version: String) -> String {
        [("{version}", version), ("{environment}", environment)].reduce(query) { query, pair in
            let value = pair.1.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return query.replacing(pair.0, with: value)
        }
    }

    private func prometheus(_ url: String, _ query: String, _ bound: WatchRule.Bound) async -> WatchReading {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        switch await get("\(base)/api/v1/query?query=\(Self.encode(query))") {
        case .failure(let problem): return .failed(problem.words)
        case .success(let answer): return PrometheusAnswer.reading(answer, bound)
        }
    }

    private func json(_ url: String, _ path: String) async -> WatchReading {
        switch await get(url) {
        case .failure(let problem): .failed(problem.words)
        case .success(let answer):
            answer.at(path)?.number.map { WatchReading($0) } ?? .noData("the answer has no number at `\(path)`")
        }
    }

    private func command(_ script: Script, _ version: String) async -> WatchReading {
        var variables = variables
        variables["RUNNER_VERSION"] = version
        let end: ScriptEnd
        do {
            end = try await LocalScript(script, directory: "/", environment: variables).run()
        } catch {
            return .failed("the script \((error as? TimeUp)?.description ?? "could not be run: \(error)")")
        }
        guard end.status == 0 else { return .failed("the script ended with \(end.words)") }
        let text = end.output.split(whereSeparator: \.isWhitespace)
        guard let word = text.first else { return .noData("the script printed nothing") }
        guard text.count == 1, let number = Double(word) else {
            return .failed("the script printed \(end.output.quoted), which is no number")
        }
        return WatchReading(number)
    }

    // MARK: - HTTP

    private struct Problem: Error {
        let words: String
    }

    /// The client's own bounds are for the head of an answer, and for the next bytes: one that drips has no end.
    private func get(_ url: String) async -> Result<WatchJSON, Problem> {
        await withTaskGroup(of: Result<WatchJSON, Problem>.self) { group in
            group.addTask { await fetch(url) }
            group.addTask {
                // Ends early where the answer is there, or nobody waits for it any more.
                try? await Task.sleep(for: timeout)
                return .failure(Problem(words: "no whole answer within \(timeout.words)"))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(Problem(words: "nobody asked"))
        }
    }

    private func fetch(_ url: String) async -> Result<WatchJSON, Problem> {
        do {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "accept", value: "application/json")
            let answer = try await client.execute(request, deadline: .distantFuture)
            let body = try await answer.body.collect(upTo: Self.longest)
            // What is no JSON is said below.
            let json = try? WatchJSON(body.readableBytesView)
            guard (200..<300).contains(answer.status.code) else {
                let reason = json.flatMap(PrometheusAnswer.problem).map { ": \($0)" } ?? ""
                return .failure(Problem(words: "status \(answer.status.code)\(reason)"))
            }
            return json.map { .success($0) } ?? .failure(Problem(words: "an answer that is no JSON"))
        } catch {
            return .failure(Problem(words: words(error)))
        }
    }

    private func words(_ error: any Error) -> String {
        if error is NIOTooManyBytesError { return "an answer of more than 1 MiB" }
        if let error = error as? NIOConnectionError {
            return error.connectionErrors.first.map { "\($0.error)" } ?? "no address of \(error.host)"
        }
        return error as? HTTPClientError == .connectTimeout ? "no connection within 5 s" : "\(error)"
    }

    private static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                encoded.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
