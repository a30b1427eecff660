import AsyncHTTPClient
package import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
package import SystemPackage

/// Objects in a bucket of any S3-compatible server.
///
/// Every request means the same when it is made twice, so one that met no answer or a 5xx is made again, twice at most.
package struct BucketObjects: ObjectStore {
    private let address: BucketAddress
    private let connection: BucketConnection

    package init(_ address: BucketAddress, _ credentials: BucketCredentials) {
        self.address = address
        connection = BucketConnection(address, credentials)
    }

    package func close() async { await connection.close() }

    package func read(_ name: ObjectName, limit: Int) async throws -> Data? {
        try await connection.send(BucketRequest(.GET, name)) { answer in
            guard let answer = try await Self.found(answer) else { return nil }
            do {
                return Data(try await answer.body.collect(upTo: limit).readableBytesView)
            } catch is NIOTooManyBytesError {
                throw ObjectFailure.tooLarge("\(name)")
            }
        }
    }

    package func download(_ name: ObjectName, to file: FilePath, limit: Int64) async throws -> Bool {
        try await connection.send(BucketRequest(.GET, name)) { answer in
            guard let answer = try await Self.found(answer) else { return false }
            let target = try NewFile(file)
            do {
                var bytes: Int64 = 0
                for try await piece in answer.body {
                    bytes += Int64(piece.readableBytes)
                    guard bytes <= limit else { throw ObjectFailure.tooLarge("\(name)") }
                    try piece.withUnsafeReadableBytes { try target.append($0) }
                }
                try target.finish()
                return true
            } catch {
                target.discard()
                throw error
            }
        }
    }

    package func upload(_ file: FilePath, as name: ObjectName) async throws {
        let source = try SharedFile(path: file)
        // What S3 takes in one request.
        guard source.bytes <= 5 << 30 else { throw ObjectFailure.tooLarge("\(name) (over 5 GiB)") }
        let hash = address.isSecure ? nil : try BucketRequest.hash(of: source)
        try await put(BucketRequest(.PUT, name, body: .file(file, bytes: source.bytes, hash: hash)))
    }

    package func write(_ bytes: Data, as name: ObjectName) async throws {
        try await put(BucketRequest(.PUT, name, body: .bytes(bytes)))
    }

    private func put(_ request: BucketRequest) async throws {
        try await connection.send(request) { answer in
            guard answer.status == .ok else { throw try await BucketConnection.refusal(answer) }
            try await BucketConnection.drain(answer)
        }
    }

    package func size(_ name: ObjectName) async throws -> Int64? {
        try await connection.send(BucketRequest(.HEAD, name)) { answer in
            if answer.status == .notFound { return nil }
            guard answer.status == .ok else { throw try await BucketConnection.refusal(answer) }
            guard let length = answer.headers.first(name: "content-length"), let bytes = Int64(length) else {
                throw ObjectFailure.malformed("no length of \(name)")
            }
            return bytes
        }
    }

    package func list(_ prefix: String, after page: ObjectPage.Next?) async throws -> ObjectPage {
        var query = [("list-type", "2"), ("prefix", address.prefix + prefix), ("max-keys", "1000")]
        if let page { query.append(("continuation-token", page.token)) }
        return try await connection.send(BucketRequest(.GET, nil, query: query)) { answer in
            guard answer.status == .ok else { throw try await BucketConnection.refusal(answer) }
            let body = Data(try await answer.body.collect(upTo: 8 << 20).readableBytesView)
            return try BucketList(body, prefix: address.prefix).page
        }
    }

    package func remove(_ name: ObjectName) async throws {
        try await connection.send(BucketRequest(.DELETE, name)) { answer in
            guard answer.status.code < 300 || answer.status == .notFound else {
                throw try await BucketConnection.refusal(answer)
            }
            try await BucketConnection.drain(answer)
        }
    }

    /// `nil` where there is no such object; no such bucket is a refusal.
    private static func found(_ answer: HTTPClientResponse) async throws -> HTTPClientResponse? {
        if answer.status == .ok { return answer }
        let refusal = try await BucketConnection.refusal(answer)
        if answer.status == .notFound, case .refused(_, let code, _) = refusal, code == nil || code == "NoSuchKey" {
            return nil
        }
        throw refusal
    }
}
