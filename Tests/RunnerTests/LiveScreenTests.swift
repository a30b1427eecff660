import Testing

@testable import RunnerCommands

@Suite struct LiveScreenTests {
    @Test func `frames replace each other and history scrolls up`() {
        var terminal = LiveTerminal(rows: 6, columns: 20)
        terminal.take("run 1\r\n")
        terminal.take(LiveScreen.frame(history: [], live: ["", "> a", "> b", "0/3"]))
        #expect(terminal.screen == ["run 1", "", "> a", "> b", "0/3"])
        #expect(!terminal.isCursorShown && terminal.isWrapping)
        terminal.take(LiveScreen.frame(history: ["+ a"], live: ["", "> b", "1/3"]))
        #expect(terminal.screen == ["run 1", "+ a", "", "> b", "1/3"])
        terminal.take(LiveScreen.frame(history: ["+ b", "- c"], live: ["", "> d", "3/4"]))
        #expect(terminal.scrolled == ["run 1"])
        #expect(terminal.screen == ["+ a", "+ b", "- c", "", "> d", "3/4"])
        terminal.take(LiveScreen.end(history: ["+ d", "done"]))
        #expect(terminal.screen == ["+ a", "+ b", "- c", "+ d", "done"])
        #expect(terminal.isCursorShown)
    }

    @Test func `a frame is one that terminals show at once`() {
        let frame = LiveScreen.frame(history: [], live: ["a"])
        #expect(frame.hasPrefix("\u{1b}[?2026h") && frame.hasSuffix("\u{1b}[?2026l"))
    }

    @Test func `what others write stays above the next frame`() {
        var terminal = LiveTerminal(rows: 8, columns: 20)
        terminal.take(LiveScreen.frame(history: [], live: ["", "> a", "0/1"]))
        terminal.take("^Ccanceling\r\n")
        terminal.take(LiveScreen.frame(history: [], live: ["", "> a", "0/1 canceling"]))
        #expect(terminal.screen == ["^Ccanceling", "", "> a", "0/1 canceling"])
    }

    @Test func `a line wider than thought costs no line`() {
        var terminal = LiveTerminal(rows: 4, columns: 4)
        for _ in 1...3 { terminal.take(LiveScreen.frame(history: [], live: ["", "abcdefgh", "0/1"])) }
        #expect(terminal.screen == ["", "abch", "0/1"])
    }
}
