import FoundationEssentials
import GRDB
import RunnerCore
import Testing

@testable import RunnerStore

/// What becomes of runs, from the event to the end.
@Suite struct DatabaseRunTests {
    private let fixture: DatabaseFixture
    private var database: RunnerDatabase { fixture.database }

    init() throws { fixture = try DatabaseFixture() }

    private func pending(group: String? = nil) async throws -> RunNumber {
        try await database.add(DatabaseFixture.run(group: group), of: fixture.repository())
    }

    private func record(_ stage: String, _ happening: RunRecord.Happening) -> RunRecord {
        RunRecord(stage: StageID(stage), happening)
    }

    // MARK: - Events

    @Test func `an event that is handled twice gives its runs once`() async throws {
        let web = try await fixture.repository()
        let event = try #require(
            try await database.record([DatabaseFixture.created("refs/heads/x")], of: web, isFirstSight: false).first
        )
        let runs = [DatabaseFixture.run("ci"), DatabaseFixture.run("docs")]
        let first = try await database.handle(event, verdict: "2 runs", runs: runs)
        #expect(try await database.handle(event, verdict: "again", runs: runs) == first && first.count == 2)
        #expect(try await database.openRefEvents().isEmpty)
        #expect(try await database.runs(RunFilter()).map(\.number) == first.reversed())
    }

    @Test func `two daemons at once give each event its runs once`() async throws {
        let web = try await fixture.repository()
        let changes = (0..<30).map { DatabaseFixture.created("refs/heads/b\($0)") }
        let events = try await database.record(changes, of: web, isFirstSight: true)
        let databases = [database, try fixture.another()]
        let numbers = try await withThrowingTaskGroup(of: [RunNumber].self) { group in
            for database in databases {
                for event in events {
                    group.addTask { try await database.handle(event, verdict: "x", runs: [DatabaseFixture.run()]) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.count == 60 && numbers.allSatisfy { $0.count == 1 } && Set(numbers).count == 30)
        #expect(try await database.runs(RunFilter(limit: 1000)).count == 30)
    }

    @Test func `refs are what the last look saw`() async throws {
        let web = try await fixture.repository()
        #expect(try await database.refs(of: web).isSeen == false)
        let made = DatabaseFixture.created("refs/heads/x")
        let gone = RefChange(ref: made.ref, kind: .deleted, old: made.new, new: nil)
        _ = try await database.record([made], of: web, isFirstSight: true)
        var (snapshot, isSeen) = try await database.refs(of: web)
        #expect(isSeen && snapshot.refs == made.new.map { [made.ref: $0] })
        _ = try await database.record([gone], of: web, isFirstSight: false)
        (snapshot, isSeen) = try await database.refs(of: web)
        #expect(isSeen && snapshot.refs.isEmpty)
        #expect(try await database.openRefEvents(of: web).map(\.change) == [made, gone])
    }

    // MARK: - Repositories

    @Test func `a repository that moves or comes back is seen for the first time again`() async throws {
        let made = DatabaseFixture.created("refs/heads/x")
        var web = try await fixture.repository()
        _ = try await database.record([made], of: web, isFirstSight: true)
        try await database.remove(web)
        #expect(try await database.repositories().isEmpty)
        #expect(try await database.openRefEvents().isEmpty)
        web = try await fixture.repository()
        #expect(try await database.refs(of: web).isSeen == false)
        _ = try await database.record([made], of: web, isFirstSight: true)
        try await database.put(RepositoryDefinition(name: "web", url: "/elsewhere"), origin: .file)
        let (snapshot, isSeen) = try await database.refs(of: web)
        #expect(snapshot.refs.isEmpty && !isSeen)
        #expect(try await database.repository(named: "web")?.origin == .file)
    }

    @Test func `a look that fails keeps the time of the last good one`() async throws {
        let web = try await fixture.repository()
        try await database.noteLook(at: web, problem: nil, transport: "libgit2")
        let good = try #require(try await database.repository(named: "web"))
        try await database.noteLook(at: web, problem: "no route")
        let bad = try #require(try await database.repository(named: "web"))
        #expect(good.lookedAt != nil && bad.lookedAt == good.lookedAt)
        #expect(bad.problem == "no route" && bad.transportNote == "libgit2")
    }

    // MARK: - Runs

    @Test func `a run starts once, and its lock is held by one`() async throws {
        let runs = [try await pending(group: "g"), try await pending(group: "g")]
        let databases = [database, try fixture.another()]
        let starts = try await withThrowingTaskGroup(of: Bool.self) { group in
            for database in databases { for run in runs { group.addTask { try await database.start(run) } } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(starts.count { $0 } == 1)
        let holder = try #require(try await database.locks().first?.run)
        let other = try #require(runs.first { $0 != holder })
        try await database.finish(holder, with: DatabaseFixture.result(holder, .failed))
        #expect(try await database.locks().isEmpty)
        #expect(try await database.start(other))
        #expect(try await database.start(other) == false)
    }

    @Test func `what the supervisor wrote is taken in once`() async throws {
        let run = try await pending()
        _ = try await database.start(run)
        let result = StageResult(stage: "test", outcome: .failed, reason: "exit status 1", startedAt: Date())
        let records = [record("test", .stageStarted(attempt: 1)), record("test", .stageFinished(result))]
        try await database.take(records, of: run, upTo: 100)
        try await database.take([record("package", .stageStarted(attempt: 1))], of: run, upTo: 100)
        let stages = try await database.stages(of: run)
        #expect(stages.map(\.status) == [.finished(.failed), .pending])
        #expect(stages.first?.reason == "exit status 1")
        #expect(try await database.run(run)?.followed == 100)
    }

    @Test func `a stage that is tried again runs on`() async throws {
        let run = try await pending()
        _ = try await database.start(run)
        let records = [record("test", .stageStarted(attempt: 1)), record("test", .stageStarted(attempt: 2))]
        try await database.take(records, of: run, upTo: 1)
        let stage = try await database.stages(of: run).first
        #expect(stage?.status == .running && stage?.attempt == 2)
    }

    @Test func `the end of a run ends its stages`() async throws {
        let run = try await pending()
        _ = try await database.start(run)
        let result = DatabaseFixture.result(run, .succeeded, stages: [("test", .succeeded), ("package", .skipped)])
        try await database.finish(run, with: result)
        try await database.finish(run, with: DatabaseFixture.result(run, .failed))
        let row = try #require(try await database.run(run))
        #expect(row.status == .finished(.succeeded) && row.finishedAt != nil && row.startedAt != nil)
        #expect(try await database.stages(of: run).map(\.status) == [.finished(.succeeded), .finished(.skipped)])
        #expect(try await database.plan(of: run) == nil)
    }

    @Test func `a run whose supervisor is lost takes its running stages along`() async throws {
        let run = try await pending()
        _ = try await database.start(run)
        try await database.take([record("test", .stageStarted(attempt: 1))], of: run, upTo: 1)
        try await database.finish(run, with: DatabaseFixture.result(run, .errored, reason: "it was killed"))
        #expect(try await database.stages(of: run).map(\.status) == [.finished(.errored), .finished(.skipped)])
        #expect(try await database.run(run)?.reason == "it was killed")
    }

    @Test func `a cancel ends what has not begun, and is asked for once`() async throws {
        let (waits, runs) = (try await pending(), try await pending())
        _ = try await database.start(runs)
        try await database.wait(waits, because: "no slot")
        #expect(try await database.run(waits)?.status == .waiting("no slot"))
        #expect(try await database.requestCancel(waits, reason: "x") == .ended)
        #expect(try await database.requestCancel(waits, reason: "x") == .hadEnded(.canceled))
        #expect(try await database.stages(of: waits).allSatisfy { $0.status == .finished(.canceled) })
        #expect(try await database.requestCancel(runs, reason: "first") == .isRunning)
        #expect(try await database.requestCancel(runs, reason: "second") == .isRunning)
        #expect(try await database.run(runs)?.cancelReason == "first")
        #expect(try await database.requestCancel(try #require(RunNumber(99)), reason: "x") == .unknown)
    }

    @Test func `a run that another replaced says which`() async throws {
        let (old, new) = (try await pending(), try await pending())
        #expect(try await database.end(old, .superseded, reason: "run \(new) is newer", supersededBy: new))
        #expect(try await database.end(old, .canceled, reason: "x") == false)
        let row = try #require(try await database.run(old))
        #expect(row.supersededBy == new && row.status == .finished(.superseded))
    }

    @Test func `a skip is a run that people see`() async throws {
        let web = try await fixture.repository()
        let new = NewRun(plan: DatabaseFixture.plan(), cause: "push", refusal: (.skipped, "[skip ci]"))
        let run = try await database.add(new, of: web)
        let row = try #require(try await database.run(run))
        #expect(row.status == .finished(.skipped) && row.reason == "[skip ci]")
        #expect(try await database.plan(of: run) == nil)
    }

    // MARK: - States

    /// Every outcome from every status: what the state machine refuses changes nothing.
    @Test(arguments: Outcome.allCases)
    func `a run ends only as its state allows`(outcome: Outcome) async throws {
        let runs = [try await pending(), try await pending()]
        _ = try await database.start(runs[1])
        for (run, status) in zip(runs, [Status.pending, .running]) {
            let row = try #require(try await database.run(run))
            #expect(row.status == status)
            let isLegal = (try? status.apply(.finished(outcome), to: run)) != nil
            do {
                try await database.finish(run, with: DatabaseFixture.result(run, outcome))
                // What ended unseen went through running.
                #expect(isLegal || status == .pending)
                #expect(try await database.run(run)?.status == .finished(outcome))
            } catch let error as TransitionError {
                #expect(!isLegal)
                #expect(error.description.contains("cannot become"))
                #expect(try await database.run(run)?.status == status)
            }
        }
    }

    @Test func `a stage that was never seen to start ends all the same`() async throws {
        let run = try await pending()
        _ = try await database.start(run)
        let result = StageResult(stage: "test", outcome: .succeeded, startedAt: Date())
        try await database.take([record("test", .stageFinished(result))], of: run, upTo: 1)
        #expect(try await database.stages(of: run).first?.status == .finished(.succeeded))
    }
}

extension StageID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
