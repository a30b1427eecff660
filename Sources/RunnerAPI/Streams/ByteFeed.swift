import AsyncHTTPClient
import NIOCore

/// The bytes of an answer, as they come.
package struct ByteFeed: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let client: RunnerClient
    let body: HTTPClientResponse.Body

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(client: client, body: body.makeAsyncIterator())
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        let client: RunnerClient
        var body: HTTPClientResponse.Body.AsyncIterator

        package mutating func next() async throws -> [UInt8]? {
            do {
                return try await body.next().map { Array($0.readableBytesView) }
            } catch {
                throw client.failure(error)
            }
        }
    }
}
