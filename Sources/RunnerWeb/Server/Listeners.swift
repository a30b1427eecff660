import RunnerCore
import SystemPackage

/// Waits until all listeners are open.
actor Listeners {
    private var missing: Int
    private var listening: WebServer.Listening
    private let onListening: @Sendable (WebServer.Listening) async -> Void
    private let ready: AsyncStream<Result<Void, any Error>>
    private let signal: AsyncStream<Result<Void, any Error>>.Continuation

    init(count: Int, socket: FilePath, _ onListening: @escaping @Sendable (WebServer.Listening) async -> Void) {
        missing = count
        listening = WebServer.Listening(socket: socket)
        self.onListening = onListening
        (ready, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func opened(port: Int?) async {
        missing -= 1
        if let port { listening.port = port }
        guard missing == 0 else { return }
        await onListening(listening)
        signal.yield(.success(()))
        signal.finish()
    }

    func failed(_ error: any Error) {
        signal.yield(.failure(error))
        signal.finish()
    }

    func wait() async throws {
        for await result in ready { try result.get() }
    }
}
