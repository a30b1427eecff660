import Glibc

/// Puts frames on a terminal: one write each, every line in its place, the cursor hidden at the top of them.
///
/// The cursor rests at the start of the first live line, which is empty where there is room. What others write meanwhile
/// - an echoed key, a warning - lands there and stays, the next frame starts below it; and when a terminal folds its
/// lines anew for another width, that place is still the first.
enum LiveScreen {
    private static let escape = "\u{1b}["
    /// Ends what a frame may have begun, clears what is below, and shows the cursor.
    static let restore: StaticString = "\u{1b}[?2026l\u{1b}[?7h\r\u{1b}[J\u{1b}[?25h"

    /// A frame: `history` scrolls up, `live` stays until the next one.
    static func frame(history: [String], live: [String]) -> String {
        var text = "\(escape)?2026h\(escape)?25l\r"
        for line in history { text += "\(line)\(escape)K\r\n" }
        // Without wrapping: a character that the terminal takes for wider than we do must not cost a line.
        text += "\(escape)?7l" + live.joined(separator: "\(escape)K\r\n")
        text += "\(escape)J\(escape)?7h\r"
        if live.count > 1 { text += "\(escape)\(live.count - 1)A" }
        return text + "\(escape)?2026l"
    }

    /// The last lines, in place of the live ones.
    static func end(history: [String]) -> String {
        "\(escape)?2026h\r" + history.map { "\($0)\(escape)K\r\n" }.joined() + "\(restore)"
    }
}

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
