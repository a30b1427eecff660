import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import RunnerCore

extension RunnerClient {
    /// No answer came.
    func failure(_ error: any Error) -> any Error {
        if error is CancellationError { return error }
        if let error = error as? HTTPClientError, error == .cancelled { return CancellationError() }
        return RunnerError(
            .errored,
            "cannot reach the daemon at \(address)",
            why: words(error),
            hint: "is the daemon running? `runner serve`"
        )
    }

    private func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == ENOENT: "there is no such socket"
        case let error as IOError where error.errnoCode == ECONNREFUSED: "nobody listens there"
        case let error as IOError where error.errnoCode == EACCES: "it is another user's"
        case let error as IOError: "\(error.localizedReason)"
        case let error as NIOConnectionError: error.connectionErrors.first.map { words($0.error) } ?? "\(error)"
        case let error as HTTPClientError where error == .connectTimeout: "it does not answer"
        case let error as HTTPClientError: error.shortDescription
        default: "\(error)"
        }
    }

    /// The daemon's own words, where it had any.
    func refusal(_ response: HTTPClientResponse) async throws -> RunnerError {
        let data: Data
        do {
            data = Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
        } catch {
            throw failure(error)
        }
        let isOurs = response.status.code >= 500 || response.status == .tooManyRequests
        let kind: RunnerError.Kind = isOurs ? .errored : .input
        // Something before the daemon may have answered: then there are no words of ours.
        if let problem = try? APIJSON.decode(ProblemBody.self, from: data) {
            return RunnerError(kind, problem.what, why: problem.why, hint: problem.hint)
        }
        return RunnerError(kind, "the daemon at \(address) refused", why: "it answered \(response.status)")
    }
}

extension IOError {
    fileprivate var localizedReason: String { String(cString: strerror(errnoCode)) }
}
