import CLinux
import Glibc
package import RunnerCore
import RunnerExecution
package import RunnerStore
import Synchronization
import SystemPackage

/// Follows many runs from one thread: reads what their supervisors write as they write it, and notices their end.
///
/// By file offset, so that coming late or again misses and doubles nothing. A run costs a process descriptor and an entry
/// of one inotify list; while nothing happens, nothing is done.
package final class RunWatch: Sendable {
    package enum Update: Sendable {
        /// What a run's supervisor wrote, up to `offset`: from there a later `follow` goes on.
        case records(RunNumber, [RunRecord], offset: Int64)
        /// The run's supervisor is gone, and all that it wrote was told; `result.json` is there, or never will be. The run
        /// is not followed any more. `status` is a shell's exit status, where the supervisor was a child of this process.
        case ended(RunNumber, status: Int32?)
    }

    private let handler: @Sendable ([Update]) async -> Void
    private let requests: WatchRequests

    /// The handler gets the updates in order, one call after the other. Nothing is buffered: while it works, the files
    /// wait, and one call has at most a few MiB of them.
    package init(_ handler: @escaping @Sendable ([Update]) async -> Void) throws {
        self.handler = handler
        requests = try WatchRequests()
    }

    /// Watches until `stop` or until its task is canceled. Runs stay where they are then: nothing is told of their end.
    package func run() async {
        await withTaskCancellationHandler {
            await BlockingThread.run { [handler, requests] in WatchLoop(requests, handler).run() }
        } onCancel: {
            stop()
        }
    }

    /// Tells of a run from a byte of its events on. Its supervisor is `process`, where it was started just now; else the
    /// process that holds the run's lock. Where nobody does, the run has ended. Once for each run, at any time.
    package func follow(_ run: RunDirectory, from offset: Int64 = 0, process: SupervisorProcess? = nil) {
        requests.add(WatchRequests.Follow(run: run, offset: offset, process: process))
    }

    package func stop() { requests.stop() }
}

/// What others ask of the watching thread.
final class WatchRequests: Sendable {
    struct Follow: Sendable {
        let run: RunDirectory
        let offset: Int64
        let process: SupervisorProcess?
    }

    /// Readable when there is something to take.
    let fd: Int32
    private let waiting = Mutex<(follows: [Follow], isStopped: Bool)>(([], false))

    init() throws {
        fd = runner_eventfd()
        if fd < 0 { throw SystemFailure("make counter", "eventfd", -fd) }
    }

    deinit { close(fd) }

    func add(_ follow: Follow) {
        waiting.withLock { $0.follows.append(follow) }
        wake()
    }

    func stop() {
        waiting.withLock { $0.isStopped = true }
        wake()
    }

    /// `nil` once it is over.
    func take() -> [Follow]? {
        var count: UInt64 = 0
        read(fd, &count, 8)
        return waiting.withLock { waiting in
            defer { waiting.follows = [] }
            return waiting.isStopped ? nil : waiting.follows
        }
    }

    private func wake() {
        var one: UInt64 = 1
        write(fd, &one, 8)
    }
}
