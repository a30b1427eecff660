import Testing

@testable import RunnerCommands

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain text\twith größe", "plain text\twith größe"),
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}[2J\u{1b}[Hcleared", "cleared"),
        ("\u{1b}]0;title\u{07}after", "after"),
        ("\u{1b}]8;;http://x\u{1b}\\link", "link"),
        ("\u{1b}P+q\u{1b}\\device", "device"),
        ("\u{1b}_app\u{1b}\\x\u{1b}^private\u{1b}\\y", "xy"),
        ("\u{1b}cnot reset", "not reset"),
        ("bell\u{07}back\u{08}null\u{00}del\u{7f}", "bellbacknulldel"),
        ("10%\r50%\r100%", "100%"),
        ("line with CR\r", "line with CR"),
        ("cut \u{1b}[31", "cut "),
        ("cut \u{1b}", "cut "),
        ("cut \u{1b}]0;title", "cut "),
        ("", ""),
    ])
    func `text of strangers cannot steer a terminal`(_ text: String, _ expected: String) {
        #expect(TerminalText.plain(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("\u{1b}[1;31mred\u{1b}[m", "\u{1b}[1;31mred\u{1b}[m"),
        ("\u{1b}[38;5;200mpink\u{1b}[0m", "\u{1b}[38;5;200mpink\u{1b}[0m"),
        ("\u{1b}[?25lhidden", "hidden"),
        ("\u{1b}[>4;2mkeys", "keys"),
        ("\u{1b}[5Aup", "up"),
        ("\u{1b}]0;title\u{07}\u{1b}[32mgreen", "\u{1b}[32mgreen"),
    ])
    func `colours may stay and nothing else`(_ text: String, _ expected: String) {
        #expect(String(decoding: TerminalText.colored(Array(text.utf8)), as: UTF8.self) == expected)
    }

    @Test func `bytes that are not UTF-8 stay as they are`() {
        #expect(TerminalText.colored([0xff, 0x41, 0xc3]) == [0xff, 0x41, 0xc3])
    }

    /// The eight-bit forms of ESC [ and ESC ] are obeyed by some terminals when they come as U+009B and U+009D.
    @Test(arguments: ["\u{9b}2Jx", "\u{9d}0;title\u{9c}x", "\u{90}q\u{9c}x"])
    func `control characters of eight bits go too`(_ text: String) {
        let cleaned = TerminalText.plain(Array(text.utf8))
        #expect(cleaned.unicodeScalars.allSatisfy { $0.value < 0x80 || $0.value > 0x9f })
    }
}
