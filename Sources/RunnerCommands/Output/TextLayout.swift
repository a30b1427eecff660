import CLinux
import Glibc
import RunnerCore

/// Text for people, broken at spaces to fit the terminal. Where nobody looks, lines stay whole, as `grep` wants them.
struct TextLayout {
    /// `nil`: as wide as it comes.
    let width: Int?

    init(width: Int?) { self.width = width }

    /// As wide as the terminal on a descriptor, but never so wide that reading gets hard.
    init(fitting fd: Int32) {
        var (rows, columns): (Int32, Int32) = (0, 0)
        guard runner_terminal_size(fd, &rows, &columns) == 0 else {
            width = nil
            return
        }
        width = columns > 0 ? min(Int(columns), 120) : 80
    }

    /// A text after a label; what does not fit continues under where it began, or a little in where that is too far right.
    func paragraph(_ label: String, _ text: String, paint: (String) -> String = { $0 }) -> String {
        let head = "\(label) "
        guard let width, head.count + text.count > width else { return paint(head) + text }
        let indentation = head.count <= width / 3 ? head.count : head.prefix { $0 == " " }.count + 4
        var lines = [""]
        var room = width - head.count
        for word in text.split(separator: " ") {
            if !lines[lines.count - 1].isEmpty, lines[lines.count - 1].count + 1 + word.count > room {
                lines.append("")
                room = width - indentation
            }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return paint(head) + lines.joined(separator: "\n" + String(repeating: " ", count: indentation))
    }
}

extension String {
    /// On one line and without anything that a terminal would obey: for text that strangers wrote.
    var forTerminal: String { TerminalText.plain(split(whereSeparator: \.isNewline).joined(separator: " ").utf8) }
}
