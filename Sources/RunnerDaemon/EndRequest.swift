import ServiceLifecycle

/// A service that ends when it is asked to, and the daemon with it.
struct EndRequest: Service {
    private let requests: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// So long an answer to whoever asked may take on its way.
    private static let courtesy = Duration.milliseconds(200)

    init() { (requests, continuation) = AsyncStream.makeStream(of: Void.self) }

    func ask() { continuation.yield() }

    func run() async throws {
        for await _ in requests.cancelOnGracefulShutdown() {
            try await Task.sleep(for: Self.courtesy)
            return
        }
    }
}
