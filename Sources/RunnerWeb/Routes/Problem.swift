import HTTPTypes
import RunnerAPI
import RunnerCore

/// An answer that says what is wrong.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    var body: ProblemBody
    var headers: HTTPFields

    init(
        _ status: HTTPResponse.Status,
        _ what: String,
        why: String? = nil,
        hint: String? = nil,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        body = ProblemBody(what: what, why: why, hint: hint)
        self.headers = headers
    }

    static func badRequest(_ why: String) -> Problem { Problem(.badRequest, "cannot take the request", why: why) }

    static func unknown(_ what: String, hint: String? = nil) -> Problem {
        Problem(.notFound, "there is no \(what)", hint: hint)
    }
}

extension Problem {
    /// What a person should see of an error; `nil` for one that only the log may tell.
    init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as RunnerError:
            self.init(
                error.kind == .input ? .unprocessableContent : .serviceUnavailable,
                error.what,
                why: error.why,
                hint: error.hint
            )
        case let error as DiagnosticsError:
            self.init(
                .unprocessableContent,
                "the input is wrong",
                why: error.diagnostics.map { "\($0)" }.joined(separator: "\n")
            )
        default: return nil
        }
    }
}
