import Testing

@testable import RunnerCommands

@Suite struct LiveTextTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("äöü", 3), ("e\u{301}", 1), ("日本語", 6), ("ｱｲ", 2), ("ＡＢ", 4), ("한글", 4), ("✓ ✗ – ◌ ▸", 9),
        ("🚀", 2), ("❤\u{fe0f}", 2), ("a\u{200b}b", 2), ("\u{e000}", 1),
    ])
    func `a text takes the columns that terminals draw`(text: String, columns: Int) {
        #expect(LiveText.width(text) == columns)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""), ("", 0, ""),
        ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ("👩‍👩‍👧x", 3, "…"),
    ])
    func `a text is cut between characters`(text: String, columns: Int, cut: String) {
        #expect(LiveText.cut(text, to: columns, ellipsis: "…") == cut)
    }

    @Test(arguments: [
        ("a\u{1b}[31mb\u{1b}[0m", "ab"), ("a\u{1b}]0;title\u{07}b", "ab"), ("a\u{1b}[2J\u{1b}[Hb", "ab"),
        ("a\u{9b}2Jb", "a2Jb"), ("a\nb\tc\rd", "a b c d"), ("a\u{202e}b\u{2069}", "ab"), ("\u{7}\u{8}\u{0}x", "x"),
    ])
    func `what a terminal would obey is taken out`(text: String, clean: String) {
        #expect(LiveText.clean(text) == clean)
    }

    @Test func `a terminal without Unicode gets none`() {
        #expect(LiveText.clean("é日x", isUnicode: false) == "??x")
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]), ("one", 7, ["one"]), ("", 7, []),
        ("abcdefghij kl", 4, ["abcd", "efgh", "ij", "kl"]), ("日本語", 4, ["日本", "語"]), ("ab", 0, ["a", "b"]),
    ])
    func `a text is wrapped at its spaces`(text: String, columns: Int, lines: [String]) {
        #expect(LiveText.wrapped(text, to: columns) == lines)
    }

    @Test(arguments: [
        ("one\ntwo\n", "two"), ("one\ntwo", "two"), ("one\n \n\n", "one"), ("", ""), ("10%\r20%\r30%", "30%"),
        ("10%\r20%\r", "20%"), ("\u{1b}[1mbold\u{1b}[0m\n", "bold"), ("  indented", "indented"),
    ])
    func `the last line with anything in it counts`(log: String, line: String) {
        #expect(LiveLogEnd.lastLine(ArraySlice(log.utf8), isUnicode: true) == line)
    }

    @Test(arguments: 0...6)
    func `characters cut by the border of the window are left out`(dropped: Int) {
        let bytes = Array("日本".utf8)
        let line = LiveLogEnd.lastLine(bytes.dropFirst(dropped), isUnicode: true)
        #expect(line == ["日本", "本", "本", "本", "", "", ""][dropped])
        let start = LiveLogEnd.lastLine(bytes.dropLast(dropped), isUnicode: true)
        #expect(start == ["日本", "日", "日", "日", "", "", ""][dropped])
    }
}
