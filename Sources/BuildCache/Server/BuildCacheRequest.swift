import FoundationEssentials
import NIOHTTP1
import RunnerStore

/// What a request asks for, or the answer that refuses it.
struct BuildCacheRequest {
    enum Action {
        case read, look, write
    }

    var action: Action
    var entry: BuildCacheEntry
    /// `nil` where it comes in pieces.
    var length: Int64?

    /// The biggest body that is taken.
    static let maximumBytes: Int64 = 512 << 20
    private static let maximumPath = 1024

    struct Refusal: Error, Equatable {
        var status: HTTPResponseStatus
        var words: String
    }

    init(_ head: HTTPRequestHead, credential: Digest) throws(Refusal) {
        guard Self.credential(in: head) == credential else {
            throw Refusal(status: .unauthorized, words: "the token is missing or another run's")
        }
        guard head.uri.utf8.count <= Self.maximumPath else {
            throw Refusal(status: .uriTooLong, words: "the path is longer than \(Self.maximumPath) bytes")
        }
        guard let entry = Self.entry(head.uri) else {
            throw Refusal(status: .notFound, words: "paths end in /ac/KEY or /cas/SHA256, of 64 lower-case digits")
        }
        self.entry = entry
        switch head.method {
        case .GET: action = .read
        case .HEAD: action = .look
        case .PUT: action = .write
        default: throw Refusal(status: .methodNotAllowed, words: "there are GET, HEAD and PUT")
        }
        length = head.headers.first(name: "content-length").flatMap { Int64($0) }
        if action == .write, length ?? 0 > Self.maximumBytes { throw Self.tooBig }
    }

    static let tooBig = Refusal(status: .payloadTooLarge, words: "at most \(maximumBytes) bytes are kept")

    /// Tools may put a path of their own before it, which says nothing here.
    private static func entry(_ path: String) -> BuildCacheEntry? {
        guard path.hasPrefix("/") else { return nil }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, let key = Digest(String(parts[parts.count - 1])),
            let kind = BuildCacheEntry.Kind(rawValue: String(parts[parts.count - 2])),
            parts.dropLast(2).allSatisfy(isPlain)
        else {
            return nil
        }
        return BuildCacheEntry(kind: kind, key: key)
    }

    private static func isPlain(_ part: Substring) -> Bool {
        !part.isEmpty && !part.allSatisfy { $0 == "." }
            && part.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [45, 46, 95].contains(byte)
            }
    }

    /// By its digest, so that how long a comparison takes says nothing about the token.
    private static func credential(in head: HTTPRequestHead) -> Digest? {
        guard let value = head.headers.first(name: "authorization"), value.lowercased().hasPrefix("basic ") else {
            return nil
        }
        return .sha256(String(value.dropFirst(6)))
    }

    /// The digest of what a client sends that knows the token.
    static func credential(_ token: String) -> Digest { .sha256(Data("runner:\(token)".utf8).base64EncodedString()) }
}
