import Crypto
import FoundationEssentials
import NIOHTTP1
import SystemPackage

/// What is asked of a bucket, before it is signed.
struct BucketRequest {
    enum Body {
        case none
        case bytes(Data)
        /// `hash` is `nil` where TLS keeps the bytes whole.
        case file(FilePath, bytes: Int64, hash: String?)
    }

    let method: HTTPMethod
    /// `nil` for the bucket itself.
    let name: ObjectName?
    let query: [(name: String, value: String)]
    let body: Body

    init(_ method: HTTPMethod, _ name: ObjectName?, query: [(String, String)] = [], body: Body = .none) {
        self.method = method
        self.name = name
        self.query = query
        self.body = body
    }

    /// The payload's hash, as it is signed.
    var payload: String {
        switch body {
        case .none: RequestSignature.emptyPayload
        case .bytes(let bytes): RequestSignature.hex(SHA256.hash(data: bytes))
        case .file(_, _, let hash): hash ?? RequestSignature.unsignedPayload
        }
    }

    static func hash(of file: SharedFile) throws -> String {
        var hash = SHA256()
        try file.pieces { hash.update(bufferPointer: $0) }
        return RequestSignature.hex(hash.finalize())
    }
}
