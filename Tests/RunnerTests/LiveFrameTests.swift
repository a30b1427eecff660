import FoundationEssentials
import Git
import RunnerCore
import RunnerStore
import Testing

@testable import RunnerCommands

@Suite struct LiveFrameTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)
    private static let plain = LiveStyle(isColored: false, isUnicode: true)

    /// A run of the stages named, of which the first have started, a second after each other.
    private static func state(_ names: [String], started: Int, steps: Int = 1) -> LiveState {
        let step = StepDefinition(name: "make all", run: "make all")
        let stages = names.map { name in
            let location = SourceLocation(file: "pipelines/ci.yml", line: 1, column: 1)
            let work = StageWork.steps(Array(repeating: step, count: steps))
            let definition = StageDefinition(name: name, location: location, work: work)
            return PlannedStage(id: StageID(name), definition: definition, verdict: .runs("always"))
        }
        let event = RunEvent(
            kind: .push,
            ref: "refs/heads/main",
            commit: nil,
            tree: .emptyTree,
            isWorkingTree: true,
            message: "",
            author: ""
        )
        let plan = Plan(pipeline: "ci", file: "pipelines/ci.yml", event: event, reason: "always", stages: stages)
        var state = LiveState(plan: plan, startedAt: start)
        for (index, name) in names.prefix(started).enumerated() {
            let time = start.addingTimeInterval(Double(index))
            _ = state.apply(RunRecord(time: time, stage: StageID(name), .stageStarted(attempt: 1)))
            let step = RunRecord.Happening.stepStarted(index: 0, name: "make all", log: "01.log")
            _ = state.apply(RunRecord(time: time, stage: StageID(name), step))
        }
        return state
    }

    private static func lines(
        _ state: LiveState,
        rows: Int = 24,
        columns: Int = 80,
        style: LiveStyle = plain
    ) -> [String] {
        let size = TerminalSize(rows: rows, columns: columns)
        return LiveFrame(state: state, size: size, now: start.addingTimeInterval(41.9), style: style).lines
    }

    @Test func `a frame shows what runs, what is pending and a summary`() {
        var state = Self.state(["build", "lint", "test", "package"], started: 2, steps: 2)
        state.setLastLine("compiling a.c", of: StageID("build"))
        #expect(
            Self.lines(state) == [
                "", "▸ build      0:41  1/2 make all  compiling a.c", "▸ lint       0:40  1/2 make all",
                "◌ 2 pending: test, package", "  0/4 done · 2 running · 0:41",
            ]
        )
    }

    @Test func `without Unicode and with colours all is told as well`() {
        let state = Self.state(["build"], started: 1)
        let ascii = Self.lines(state, style: LiveStyle(isColored: false, isUnicode: false))
        #expect(ascii == ["", "> build    0:41  make all", "  0/1 done, 1 running, 0:41"])
        let colored = Self.lines(state, style: LiveStyle(isColored: true, isUnicode: true))
        #expect(colored[1] == "\u{1b}[36m▸ \u{1b}[0m\u{1b}[1mbuild\u{1b}[0m    0:41  make all")
    }

    @Test(arguments: [
        (24, ["", "a", "b", "c", "d", "e", "pending", "done"]), (8, ["a", "b", "c", "d", "e", "pending", "done"]),
        (7, ["a", "b", "c", "+ 2", "pending", "done"]), (5, ["a", "+ 4", "pending", "done"]),
        (4, ["a", "pending", "done"]), (3, ["a", "done"]), (2, ["done"]), (1, ["done"]),
    ])
    func `a low terminal gets fewer lines`(rows: Int, expected: [String]) {
        let names = ["a", "b", "c", "d", "e", "f"]
        let lines = Self.lines(Self.state(names, started: 5), rows: rows)
        #expect(lines.count == expected.count)
        for (line, part) in zip(lines, expected) { #expect(line.contains(part), "\(lines)") }
    }

    @Test(arguments: 1...90)
    func `no line is as wide as the terminal`(columns: Int) {
        var state = Self.state(["a", "日本語のステージ", String(repeating: "long ", count: 30), "z", "y"], started: 3)
        for stage in state.running {
            state.setLastLine(String(repeating: "語🚀e\u{301}", count: 40), of: stage.stage)
        }
        for style in [Self.plain, LiveStyle(isColored: false, isUnicode: false)] {
            for line in Self.lines(state, columns: columns, style: style) {
                #expect(LiveText.width(line) <= max(1, columns - 1), "\(line)")
            }
        }
    }

    @Test(arguments: [
        (80, "  1/3 done · 1 running · 1 failed · canceling · 0:41"),
        (45, "  1/3 done · 1 failed · canceling · 0:41"), (20, "  1/3 done · 0:41"), (12, "1/3 0:41"), (6, "1/3 …"),
    ])
    func `the summary says what fits`(columns: Int, expected: String) {
        var state = Self.state(["a", "b", "c"], started: 2)
        let result = StageResult(stage: StageID("a"), outcome: .failed, startedAt: Self.start)
        #expect(state.apply(RunRecord(stage: StageID("a"), .stageFinished(result))) != nil)
        #expect(state.apply(RunRecord(stage: nil, .cancelRequested("canceled"))) != nil)
        #expect(Self.lines(state, columns: columns).last == expected)
    }

    @Test func `names cannot move the cursor`() {
        let state = Self.state(["\u{1b}[2Jevil\u{9b}1A", "\u{1b}]0;x\u{7}more"], started: 1)
        #expect(
            Self.lines(state).allSatisfy { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        )
    }

    @Test(arguments: [(0.0, "0:00"), (41.9, "0:41"), (723, "12:03"), (3723, "1:02:03"), (-5, "0:00")])
    func `elapsed time is a clock`(seconds: Double, clock: String) {
        #expect(LiveFrame.clock(from: Self.start, to: Self.start.addingTimeInterval(seconds)) == clock)
    }

    @Test(arguments: [
        (Outcome.succeeded, nil, nil, ["✓ unit   1.50s"]),
        (.failed, "step `a`: exit status 3", nil, ["✗ unit   1.50s  failed: step `a`: exit status 3"]),
        (.skipped, "if: false", nil, ["– unit          skipped: if: false"]),
        (.succeeded, nil, 12, ["✓ unit   1.50s  reused from run 12"]),
        (
            .errored, "the disk took no more than a part of it", nil,
            ["! unit   1.50s  errored: the disk took", "                no more than a part of", "                it"]
        ),
    ])
    func `what has ended scrolls up in a line`(outcome: Outcome, reason: String?, run: Int?, expected: [String]) {
        var result = StageResult(stage: StageID("unit"), outcome: outcome, reason: reason, startedAt: Self.start)
        result.seconds = 1.5
        result.reusedFrom = run.flatMap { RunNumber($0) }
        let columns = expected.count > 1 ? 41 : 80
        let history = LiveHistory(stages: [StageID("unit")], columns: columns, style: Self.plain)
        #expect(history.lines(.stage(result, notes: [])) == expected)
    }

    @Test(arguments: [
        ([nil, nil, "C.UTF-8"], true), ([nil, nil, "en_GB.utf8"], true), (["C", nil, "C.UTF-8"], false),
        (["", "", ""], false), ([nil, nil, nil], false), ([nil, "de_DE.UTF-8", "C"], true),
    ])
    func `the locale says whether there is Unicode`(locale: [String?], isUnicode: Bool) {
        #expect(LiveStyle.isUnicode(locale: locale) == isUnicode)
    }
}
