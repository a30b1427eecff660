import Dispatch
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore

/// Ctrl-C once ends a run in order, `finally` and all; twice ends it now. What was ignored at the start stays ignored: under
/// `nohup` a run goes on when the terminal closes.
final class Interrupts: @unchecked Sendable {
    // Unchecked: the sources are touched by the session's task alone; the count by their one queue.
    private let queue = DispatchQueue(label: "runner.interrupts")
    private var sources: [any DispatchSourceSignal] = []
    private var watched: [Int32] = []
    private var count = 0

    init(_ inbox: Inbox, _ supervisor: SupervisorProcess) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let previous = signal(number, SIG_IGN)
            if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { continue }
            watched.append(number)
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
        for number in watched { Self.endAtOnce(on: number) }
    }

    /// While nothing runs yet there is nothing to end in order: a signal ends the command, and its status says `canceled`.
    static func beforeRuns() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let previous = signal(number, SIG_IGN)
            if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { continue }
            endAtOnce(on: number)
        }
    }

    private static func endAtOnce(on number: Int32) {
        signal(number) { _ in _exit(RunnerCore.ExitCode.canceled.rawValue) }
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
