import CLinux
import FoundationEssentials
import Glibc
import RunnerCore
import RunnerEngine
import RunnerStore
import SystemPackage
import Testing

/// One thread follows runs whose supervisors are killed, were started by others, or have ended long ago.
@Suite(.serialized) struct RunWatchTests {
    private static let stages = """
        stages:
          one: { run: "true" }
          two: { run: "\(SupervisedFixture.gate)" }
        """

    @Test func `following from the middle of a run misses and doubles nothing`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        let process = try fixture.supervise(run)
        let before = WatchLog()
        try await before.watch([run], process: process) {
            try await fixture.wait(forRunning: ["two"], of: run)
            try await Await.until("all that was written by then to be told") {
                before.records(of: 1).contains { if case .stageFinished = $0.happening { true } else { false } }
            }
        }
        let reached = before.offset(of: 1)
        let after = WatchLog()
        try await after.watch([run], from: reached) {
            try fixture.open("two", of: run)
            try await after.waitForEnd(of: 1)
        }
        #expect(reached > 0 && before.end(of: 1) == nil && after.end(of: 1) == .some(0))
        let all = before.records(of: 1) + after.records(of: 1)
        #expect(all.map(\.happening) == (try fixture.happenings(of: run)))
        #expect(all.last?.happening == .runFinished(.succeeded))
    }

    @Test func `fifty runs are followed by one thread`() async throws {
        let fixture = try await SupervisedFixture("stages: { a: { run: 'true' } }")
        let log = WatchLog()
        let runs = try (1...50).map { try fixture.prepare($0) }
        try await log.watch { watch in
            for run in runs { watch.follow(run, process: try fixture.supervise(run)) }
            for run in runs { try await log.waitForEnd(of: run.number.value, within: 60) }
        }
        for run in runs {
            #expect(log.records(of: run.number.value).map(\.happening) == (try fixture.happenings(of: run)))
            #expect(log.end(of: run.number.value) == .some(0))
        }
    }

    @Test func `a thousand runs are followed by one thread`() async throws {
        _ = runner_raise_descriptor_limit()
        let fixture = try await RunnerFixture()
        let state = StateDirectory(fixture.state)
        try state.prepare()
        let runs = try (1...1000).map { try RunDirectory.create(number: #require(RunNumber($0)), in: state) }
        // This process, which goes on.
        let holder = try SupervisorHolder.current().encoded()
        for run in runs { try FileSystem.write(holder, to: run.lock) }
        let log = WatchLog()
        try await log.watch(runs) {
            for round in 1...3 {
                for run in runs { try Journal(run.events).record(RunRecord(stage: nil, .note("\(round)"))) }
            }
            try await Await.until("all events", within: 30) {
                runs.allSatisfy { log.records(of: $0.number.value).count == 3 }
            }
            #expect(runs.allSatisfy { log.end(of: $0.number.value) == nil })
        }
    }

    @Test func `a killed supervisor is an end, whoever started it`() async throws {
        let mark = RunnerFixture.mark()
        let fixture = try await RunnerFixture.oneStage("echo ready; sleep 1000", mark: mark)
        let local = try HostileRun(fixture, "--isolation", "none")
        try await fixture.stepSays("ready")
        let number = try #require(RunNumber(1))
        let run = RunDirectory(fixture.state.pushing("runs/1"), number: number)
        let log = WatchLog()
        try await log.watch([run]) {
            try await Await.until("the first events") { !log.records(of: 1).isEmpty }
            kill(try await local.supervisor(), SIGKILL)
            try await log.waitForEnd(of: 1)
        }
        #expect(log.end(of: 1) == .some(nil) && !FileSystem.exists(run.result))
        #expect(try await local.end().status == 3)
    }

    @Test func `runs that have ended, were never begun or were cut off end at once`() async throws {
        let fixture = try await SupervisedFixture("stages: { a: { run: 'true' } }")
        _ = try await fixture.run(1)
        let runs = try [1, 2, 3].map { number in
            let path = fixture.state.runs.appending("\(number)")
            return try number == 1
                ? RunDirectory(path, number: #require(RunNumber(1))) : fixture.prepare(number)
        }
        // A number that some process has now, in a lock that nobody holds.
        let other = "{\"bootID\":\"x\",\"pid\":\(getpid()),\"startedAt\":1}\n"
        try FileSystem.write(Array(other.utf8), to: runs[2].lock)
        let cut = try #require(try FileSystem.read(runs[0].events)).dropLast(20)
        try FileSystem.write(Data(cut), to: runs[2].events)
        let log = WatchLog()
        try await log.watch(runs) { for number in 1...3 { try await log.waitForEnd(of: number) } }
        let told = try fixture.happenings(of: runs[0])
        #expect(log.records(of: 1).map(\.happening) == told)
        #expect(log.records(of: 2).isEmpty && !runs[1].hasBegun)
        #expect(log.records(of: 3).map(\.happening) == told.dropLast())
        #expect(log.offset(of: 3) == cut.lastIndex(of: UInt8(ascii: "\n")).map { Int64($0) + 1 })
    }

    @Test func `the end of a supervisor that came second is not the run's`() async throws {
        let fixture = try await SupervisedFixture(Self.stages)
        let run = try fixture.prepare(1)
        try fixture.supervise(run)
        try await fixture.wait(forRunning: ["two"], of: run)
        let second = try fixture.supervise(run)
        let log = WatchLog()
        try await log.watch([run], process: second) {
            #expect(second.wait() == 3)
            try fixture.open("two", of: run)
            try await log.waitForEnd(of: 1)
        }
        #expect(log.records(of: 1).last?.happening == .runFinished(.succeeded))
    }
}
