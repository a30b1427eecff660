import Dispatch
import Glibc

/// Tells of Ctrl-C and its like instead of ending the process at once: what was begun is put away first. What was ignored
/// at the start stays ignored.
final class Interruption: @unchecked Sendable {
    // Unchecked: the sources are touched by `init` and `deinit` alone.
    private var sources: [any DispatchSourceSignal] = []

    init(_ onSignal: @escaping @Sendable () -> Void) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let previous = signal(number, SIG_IGN)
            if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { continue }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: onSignal)
            source.activate()
            sources.append(source)
        }
    }

    deinit { for source in sources { source.cancel() } }
}
