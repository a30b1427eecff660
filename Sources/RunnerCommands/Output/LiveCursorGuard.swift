import Glibc

/// Shows the cursor again where the process is stopped or ended by a key: for those signals that do not end a run in
/// order. When it goes on, the next frame hides the cursor anew.
final class LiveCursorGuard {
    private static let numbers = [SIGTSTP, SIGQUIT]
    private let former: [__sighandler_t?]

    init() {
        former = Self.numbers.map { number in
            signal(number) { number in
                // Nothing here may allocate or lock.
                let restore = LiveScreen.restore
                _ = write(STDOUT_FILENO, restore.utf8Start, restore.utf8CodeUnitCount)
                if number == SIGTSTP {
                    raise(SIGSTOP)
                } else {
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
        }
    }

    deinit {
        for (number, handler) in zip(Self.numbers, former) { signal(number, handler) }
    }
}
