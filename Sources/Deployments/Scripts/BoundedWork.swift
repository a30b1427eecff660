import Glibc
import RunnerExecution
import RunnerStore
import SystemPackage

/// Work that blocks, on a thread of its own: until when it may go on, and how it is told to end before.
struct BoundedWork: Sendable {
    let timeout: Duration
    private let deadline: ContinuousClock.Instant
    private let stop = StopSignal()

    private init(timeout: Duration) {
        self.timeout = timeout
        deadline = .now + timeout
    }

    /// Runs `body` to its end, on one thread from beginning to end. Throws `TimeUp` and `CancellationError` out of its
    /// waits.
    static func run<R: Sendable>(
        within timeout: Duration,
        _ body: @escaping @Sendable (BoundedWork) throws -> R
    ) async throws -> R {
        let work = BoundedWork(timeout: timeout)
        guard work.stop.fd >= 0 else { throw SystemFailure("make event counter for", "a script", -work.stop.fd) }
        let result = await withTaskCancellationHandler {
            await BlockingThread.run { Result { try body(work) } }
        } onCancel: {
            work.stop.ask(.kill("canceled"))
        }
        return try result.get()
    }

    /// Throws where the time is over, or nobody waits for the work any more.
    func check() throws {
        if stop.request != nil { throw CancellationError() }
        if ContinuousClock.now >= deadline { throw TimeUp(after: timeout) }
    }

    /// Waits until something can be read, and says of each descriptor whether that one can. Negative ones never can.
    func wait(for descriptors: [Int32]) throws -> [Bool] {
        while true {
            try check()
            var polled = (descriptors + [stop.fd]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let count = poll(&polled, nfds_t(polled.count), milliseconds(until: deadline))
            let readable = polled.dropLast().map { $0.revents != 0 }
            if count > 0, readable.contains(true) { return readable }
        }
    }

    /// Lets time go by, though never past the end.
    func pause(_ duration: Duration) throws {
        let end = min(.now + duration, deadline)
        while true {
            try check()
            guard ContinuousClock.now < end else { return }
            var polled = pollfd(fd: stop.fd, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, milliseconds(until: end))
        }
    }

    private func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: instant).components
        return Int32(clamping: max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1))
    }
}

/// The bound of a script is reached: it and all that it started were killed.
package struct TimeUp: Error, Sendable, Hashable, CustomStringConvertible {
    package let after: Duration

    package init(after: Duration) { self.after = after }

    package var description: String { "took longer than \(after.words)" }
}
