import FoundationEssentials
import RunnerCore
import RunnerStore
import SystemPackage

/// One line to a helper process. It holds paths of secrets, never a secret.
struct GitHelperRequest: Sendable, Codable {
    enum Errand: Sendable, Hashable, Codable {
        case list
        /// Into the bare repository at `mirror`; the first fetch of all has no limit of objects.
        case fetch(mirror: String, refspecs: [String], isInitial: Bool, prune: Bool)
    }

    var repository: RepositoryDefinition
    var errand: Errand
}

/// One line from a helper process: any number of `progress`, then one of the others.
enum GitHelperReply: Sendable, Codable {
    struct Listing: Sendable, Codable {
        var refs: [String: RefTarget]
        var defaultBranch: String?
        var transport: GitTransport
        var because: String
    }

    /// A `RunnerError` of the kind `errored`.
    struct Failure: Sendable, Codable {
        var what: String
        var why: String?
        var hint: String?

        init(_ error: RunnerError) { (what, why, hint) = (error.what, error.why, error.hint) }

        var error: RunnerError { RunnerError(.errored, what, why: why, hint: hint) }
    }

    /// Something came.
    case progress
    case listed(Listing)
    case fetched(FetchAnswer)
    case failed(Failure)
}

extension Encodable {
    /// As one line, with its end.
    func line() throws -> [UInt8] { Array(try JSON.encode(self)) + [UInt8(ascii: "\n")] }
}
