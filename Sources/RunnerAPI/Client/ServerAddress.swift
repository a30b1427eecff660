import RunnerCore

/// Where a daemon is reached.
package enum ServerAddress: Sendable, Hashable {
    /// Path of its unix socket: whoever may open it is an admin.
    case socket(String)
    /// `http://HOST:PORT` or `https://HOST:PORT`, a token, and a PEM file of authorities where the system's do not do.
    case remote(String, token: String?, authorities: String?)

    /// A unix socket's path has room for 107 bytes.
    private static let longestSocketPath = 107

    /// What requests' paths are put behind.
    func base() throws(RunnerError) -> String {
        switch self {
        case .socket(let path):
            guard path.utf8.count <= Self.longestSocketPath else {
                throw RunnerError(
                    .input,
                    "cannot reach the daemon at \(path)",
                    why:
                        "the path of a unix socket has at most \(Self.longestSocketPath) bytes, this one \(path.utf8.count)",
                    hint: "set `listen.socket` to a shorter path"
                )
            }
            return "http+unix://\(PercentEncoding.encode(path))"
        case .remote(let url, _, _):
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw RunnerError(
                    .input,
                    "cannot reach a daemon at `\(url)`",
                    why: "it begins with neither http:// nor https://"
                )
            }
            return url.hasSuffix("/") ? String(url.dropLast()) : url
        }
    }

    var token: String? { if case .remote(_, let token, _) = self { token } else { nil } }

    var authorities: String? { if case .remote(_, _, let file) = self { file } else { nil } }
}

extension ServerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .socket(let path): path
        case .remote(let url, _, _): url
        }
    }
}

/// Text as it may stand in one part of a path or query.
package enum PercentEncoding {
    package static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
