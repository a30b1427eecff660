import Synchronization

/// Tells all who wait that something has changed. It says nothing of what: they read the database or the files, each from
/// where it has come to, so that nobody holds anybody back and nothing is queued.
package final class ChangeSignal: Sendable {
    private struct Listeners {
        var next = 0
        var open: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let listeners = Mutex(Listeners())

    package init() {}

    package func notify() {
        let open = listeners.withLock { Array($0.open.values) }
        for listener in open { listener.yield() }
    }

    /// An element after each change; several changes that nobody took in between are one.
    package func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = listeners.withLock { listeners in
            listeners.next += 1
            listeners.open[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { _ = $0.open.removeValue(forKey: id) }
        }
        return stream
    }
}
