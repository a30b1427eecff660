/// How far a fetch has come.
package struct FetchProgress: Sendable, Hashable, Codable {
    package var received: Int
    package var total: Int
    package var bytes: Int

    package init(received: Int = 0, total: Int = 0, bytes: Int = 0) {
        self.received = received
        self.total = total
        self.bytes = bytes
    }
}
