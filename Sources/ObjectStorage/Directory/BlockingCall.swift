import Dispatch
import Synchronization

/// Runs what may block for long away from the threads that tasks share.
package enum BlockingCall {
    /// Returns what the work returned. When the task is cancelled, it throws at once and leaves the work to end by itself.
    package static func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let answer = Answer<T>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard answer.wait(continuation) else { return }
                queue.async { answer.give(Result { try work() }) }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    private static let queue = DispatchQueue(label: "runner.shared-directory", attributes: .concurrent)

    /// Given once, by whoever is first.
    private final class Answer<T: Sendable>: Sendable {
        private enum State {
            case new
            case waiting(CheckedContinuation<T, any Error>)
            case given
        }

        private let state = Mutex(State.new)

        /// False where the task was cancelled before: it has its answer.
        func wait(_ continuation: CheckedContinuation<T, any Error>) -> Bool {
            let isNew = state.withLock { state in
                guard case .new = state else { return false }
                state = .waiting(continuation)
                return true
            }
            if !isNew { continuation.resume(throwing: CancellationError()) }
            return isNew
        }

        func give(_ result: Result<T, any Error>) {
            let continuation: CheckedContinuation<T, any Error>? = state.withLock { state in
                defer { state = .given }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume(with: result)
        }
    }
}
