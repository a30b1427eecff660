import Dispatch
import Glibc
import RunnerEngine
import RunnerStore

/// Ctrl-C once ends a run in order, `finally` and all; twice ends it now.
final class Interrupts: @unchecked Sendable {
    // Unchecked: the sources are touched by the session's task alone; the count by their one queue.
    private let queue = DispatchQueue(label: "runner.interrupts")
    private var sources: [any DispatchSourceSignal] = []
    private var count = 0

    init(_ inbox: Inbox, _ supervisor: SupervisorProcess) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in
                count += 1
                ask(inbox, supervisor)
            }
            source.activate()
            sources.append(source)
        }
    }

    func end() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }

    private func ask(_ inbox: Inbox, _ supervisor: SupervisorProcess) {
        do {
            try inbox.send(count == 1 ? .cancel : .kill)
            if count == 1 { Console.error("canceling; once more to kill") }
        } catch {
            Console.error("cannot cancel: \(error)" + (count == 1 ? "; once more to kill" : "; killing the supervisor"))
            if count > 1 { supervisor.kill() }
        }
    }
}
