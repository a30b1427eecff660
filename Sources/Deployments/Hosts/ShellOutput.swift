import RunnerExecution

/// Makes lines of what a script prints, without its secrets, and finds the two marks of `ShellProtocol` among them.
struct ShellOutput: Sendable {
    /// A longer line is cut in pieces: memory does not grow with what a script prints.
    private static let longestLine = 8 << 10

    /// The process that leads the script's group where it runs, once it began.
    private(set) var leader: Int32?
    /// The script's own exit code, once it ended.
    private(set) var status: Int32?
    /// The last lines.
    var lines: [String] { recent.suffix(kept) }

    private let mark: [UInt8]
    private let kept: Int
    private let say: @Sendable (String) -> Void
    private var redactor: Redactor
    private var recent: [String] = []
    private var line: [UInt8] = []
    /// An empty line that may be the one before the last mark.
    private var hasEmptyLine = false

    init(mark: String, hiding secrets: SecretPatterns, keeping kept: Int, say: @escaping @Sendable (String) -> Void) {
        self.mark = Array(mark.utf8)
        self.kept = kept
        self.say = say
        redactor = Redactor(secrets)
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) {
        guard status == nil else { return }
        var shown: [UInt8] = []
        redactor.redact(bytes) { shown += $0 }
        split(shown)
    }

    /// Takes what has no line end.
    mutating func finish() {
        var shown: [UInt8] = []
        redactor.finish { shown += $0 }
        split(shown)
        if !line.isEmpty { end() }
        flushEmptyLine()
    }

    /// A line of ours among its.
    func warn(_ text: String) { say("warning: \(text)") }

    private mutating func split(_ bytes: [UInt8]) {
        for byte in bytes where status == nil {
            if byte == UInt8(ascii: "\n") {
                end()
            } else {
                line.append(byte)
                if line.count >= Self.longestLine { end() }
            }
        }
    }

    private mutating func end() {
        defer { line.removeAll(keepingCapacity: true) }
        if line.starts(with: mark), readMark() { return }
        flushEmptyLine()
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        if line.isEmpty { hasEmptyLine = true } else { add(String(decoding: line, as: UTF8.self)) }
    }

    private mutating func readMark() -> Bool {
        let words = String(decoding: line.dropFirst(mark.count), as: UTF8.self).split(separator: " ")
        guard words.count == 2, let number = Int32(words[1]) else { return false }
        switch words[0] {
        case "begin": leader = number
        case "end":
            status = number
            hasEmptyLine = false
        default: return false
        }
        return true
    }

    private mutating func flushEmptyLine() {
        if hasEmptyLine { add("") }
        hasEmptyLine = false
    }

    private mutating func add(_ text: String) {
        say(text)
        recent.append(text)
        // Not one by one: that would move all of them for each.
        if recent.count >= 2 * kept { recent.removeFirst(recent.count - kept) }
    }
}

extension [String] {
    /// The last lines of a program, for an error: one line, printable, at most 400 characters.
    var asReason: String? {
        let text = filter { !$0.allSatisfy(\.isWhitespace) }.suffix(4).joined(separator: "; ")
        let clean = text.printable
        guard !clean.isEmpty else { return nil }
        return clean.count <= 400 ? clean : "..." + clean.suffix(397)
    }
}

extension String {
    /// Without what moves a terminal's cursor or changes its colours.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
