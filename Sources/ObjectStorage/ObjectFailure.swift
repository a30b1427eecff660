package import SystemPackage

/// Why a store did not do what it was asked for. None has a secret in it.
package enum ObjectFailure: Error, Sendable, Hashable {
    /// No connection.
    case unreachable(String)
    /// Connected, and then no answer in time.
    case silent(String)
    /// The server said no, with its own code and words where it had any.
    case refused(status: Int, code: String?, message: String?)
    /// An answer that cannot be understood.
    case malformed(String)
    /// More bytes than are taken.
    case tooLarge(String)
    /// A file on this side, or in a shared directory.
    case file(operation: String, path: FilePath, errno: Errno)

    /// Worth a second try: nothing about the request itself was found wrong.
    var isPassing: Bool {
        switch self {
        case .unreachable: true
        case .refused(let status, _, _): status >= 500 || status == 429
        case .silent, .malformed, .tooLarge, .file: false
        }
    }
}

extension ObjectFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let why): "cannot connect: \(why)"
        case .silent(let why): "no answer in time: \(why)"
        case .refused(let status, let code, let message):
            "refused with \(status)" + (code.map { " \($0)" } ?? "") + (message.map { ": \($0)" } ?? "")
        case .malformed(let what): "cannot understand the answer: \(what)"
        case .tooLarge(let what): "\(what) is too large"
        case .file(let operation, let path, let errno): "\(operation) \(path): \(errno)"
        }
    }
}
