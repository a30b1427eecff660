import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import Testing

@testable import RunnerCommands

/// The parts of the commands that need no daemon.
struct WatchPartsTests {
    @Test(
        arguments: [
            ("90s", 90), ("2h", 7200), ("7d", 604_800), ("2x", nil), ("h", nil), ("-1h", nil), ("1.5h", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func `lengths of time are read`(text: String, seconds: Int?) {
        #expect((try? TimeOption.length(text)) == seconds)
    }

    @Test(arguments: ["2026-02-30", "2026-13-01", "26-1-1", "yesterday", "2026-11-20x"])
    func `what is no time is refused`(text: String) {
        #expect(throws: (any Error).self) { try TimeOption.past(text) }
    }

    @Test func `a day begins at midnight, a length counts back`() throws {
        let day = try TimeOption.past("2026-11-20")
        #expect(Int(day.timeIntervalSince1970) % 900 == 0)
        #expect(abs(try TimeOption.past("2h").timeIntervalSinceNow + 7200) < 5)
        #expect(abs(try TimeOption.future("2h").timeIntervalSinceNow - 7200) < 5)
    }

    @Test(
        arguments: [
            (0.2, "just now"), (12, "12s ago"), (150, "2m ago"), (7300, "2h ago"), (-90, "in 1m"),
            (86_400 * 5, "5d ago"),
        ] as [(Double, String)]
    )
    func `times are told from now`(seconds: Double, words: String) {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        #expect(TimeText(now: now).words(now - seconds) == words)
    }

    @Test func `columns are as wide as they must be`() {
        let table = TextTable(
            ["A", "", "B"],
            rows: [[.init("long one"), .init(""), .init("x\u{1b}[2Jy")], [.init("b"), .init(""), .init("")]]
        )
        #expect(
            table.text(Paint(isOn: false), TextLayout(width: nil)) == "A         B\nlong one  xy\nb"
        )
        let cut = TextTable(rows: [[.init("name"), .init("a message that is too long")]])
        #expect(cut.text(Paint(isOn: false), TextLayout(width: 20)) == "name  a message t...")
    }

    @Test func `lines come whole from any pieces`() {
        let text = Array("one\ntwo\n\nlast".utf8)
        for size in 1...text.count {
            var cutter = LineCutter()
            var lines: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                cutter.take(text[start..<min(text.count, start + size)]) {
                    lines.append(String(decoding: $0, as: UTF8.self))
                }
            }
            cutter.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
            #expect(lines == ["one", "two", "", "last"])
        }
    }

    @Test func `the end of a step waits for its log, other stages do not`() {
        let (slow, quick) = (StageID("slow"), StageID("quick"))
        var held = HeldRecords()
        held.begin(slow)
        let end = RunRecord(
            stage: slow,
            .stepFinished(index: 0, name: "x", outcome: .succeeded, exitCode: 0, seconds: 1)
        )
        let next = RunRecord(stage: slow, .stepStarted(index: 1, name: "y", log: "02-y.log"))
        let records = [
            RunRecord(stage: quick, .stageStarted(attempt: 1)), RunRecord(stage: slow, .note("a cache")), end, next,
            RunRecord(stage: slow, .note("later")),
        ]
        let areHeld = records.map { held.holds($0) }
        #expect(areHeld == [false, false, true, true, true])
        let given = held.end(slow)
        #expect(given.map(\.happening).prefix(2) == [end.happening, next.happening])
        #expect(held.isEmpty)
    }
}
