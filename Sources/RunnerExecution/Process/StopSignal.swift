import CLinux
import Glibc
import Synchronization

/// How one thread ends the wait of another: a counter that `poll` sees, and what is asked.
package final class StopSignal: Sendable {
    /// Readable once something was asked; negative, its `errno`, on a machine without a descriptor left. Whoever waits on
    /// it refuses that: see `StepProcess`.
    package let fd: Int32
    private let asked = Mutex<StopRequest?>(nil)

    package init() { fd = runner_eventfd() }

    deinit {
        if fd >= 0 { close(fd) }
    }

    /// Asks for a stop. A later, harder request replaces an earlier one; a softer one does not.
    package func ask(_ request: StopRequest) {
        asked.withLock { current in
            if current.map({ $0.strength < request.strength }) ?? true { current = request }
        }
        var one: UInt64 = 1
        write(fd, &one, 8)
    }

    package var request: StopRequest? { asked.withLock { $0 } }

    /// Makes `fd` unreadable again until the next request.
    func drain() {
        var count: UInt64 = 0
        read(fd, &count, 8)
    }
}

/// Why something has to end before its time.
package enum StopRequest: Sendable, Hashable {
    /// With SIGTERM and grace first.
    case cancel(String)
    case kill(String)

    package var reason: String {
        switch self {
        case .cancel(let reason), .kill(let reason): reason
        }
    }

    var strength: Int {
        switch self {
        case .cancel: 1
        case .kill: 2
        }
    }
}
