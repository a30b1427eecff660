import FoundationEssentials
import RunnerAPI
import RunnerCore
import RunnerStore
import Testing

/// What happens in runs, as it happens.
@Suite struct EventStreamTests {
    @Test func `a run's events come in order, with its end`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            let events = try await site.client { client in
                async let followed = Self.collect(client.events(of: run.number))
                try await Task.sleep(for: .milliseconds(50))
                try run.record(.stageStarted(attempt: 1))
                try run.startStep()
                try run.endStep()
                try await run.finish()
                return try await followed
            }
            #expect(events.map(\.name) == ["record", "record", "record", "record", "record", "end"])
            let records = try events.dropLast().map { try JSON.decode(RunRecord.self, from: Data($0.data.utf8)) }
            #expect(records.first?.happening == .stageStarted(attempt: 1))
            #expect(records.last?.happening == .runFinished(.succeeded))
            let end = try APIJSON.decode(RunSummary.self, from: Data(try require(events.last).data.utf8))
            #expect(end.outcome == .succeeded)
            let rest = try await site.client { client in
                try await Self.collect(client.events(of: run.number, from: Int64(try require(events[2].id)) ?? 0))
            }
            #expect(rest == Array(events[3...]))
        }
    }

    @Test func `a run that ends before it began has an end all the same`() async throws {
        try await TestSite.run { site in
            let record = try await site.engine.database.put(
                RepositoryDefinition(name: "web", url: "/srv/web"),
                origin: .added
            )
            let number = try await site.engine.database.add(
                NewRun(plan: RunFixture.plan(), cause: "branch develop"),
                of: record.id
            )
            let events = try await site.client { client in
                async let followed = Self.collect(client.events(of: number))
                try await Task.sleep(for: .milliseconds(50))
                _ = try await client.cancel(number)
                return try await followed
            }
            #expect(events.map(\.name) == ["end"])
        }
    }

    @Test func `changes of runs come once each, from the last that came`() async throws {
        try await TestSite.run { site in
            let first = try await RunFixture(site.engine)
            try await site.client { client in
                var changes = client.changes(after: 0).makeAsyncIterator()
                let event = try require(try await changes.next())
                #expect(event.name == "run")
                #expect(try Self.run(event).number == 1)
                let second = try await client.start(RunRequestBody(pipeline: "ci"))
                let next = try require(try await changes.next())
                #expect(try Self.run(next).number == second.value)
                try await first.finish()
                #expect(try Self.run(require(try await changes.next())).outcome == .succeeded)
                var later = client.changes(after: Int64(try require(next.id))).makeAsyncIterator()
                #expect(try Self.run(require(try await later.next())).number == 1)
            }
        }
    }

    @Test func `open streams do not hold up the end of the daemon`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try await site.client { client in
                let stage = RunFixture.stageName.description
                async let log = LogStreamTests.collect(
                    client.followLog(of: run.number, stage: stage, step: 0, patience: .zero)
                )
                async let events = Self.collect(client.events(of: run.number, patience: .zero))
                try await Task.sleep(for: .milliseconds(100))
                await site.triggerShutdown()
                try await within("the server's end", seconds: 5) { try await site.end() }
                var problems: [RunnerError] = []
                do { _ = try await log } catch let error as RunnerError { problems.append(error) }
                do { _ = try await events } catch let error as RunnerError { problems.append(error) }
                #expect(problems.map(\.kind) == [.errored, .errored])
            }
        }
    }

    @Test func `a request that takes for ever is cut off when the daemon ends`() async throws {
        try await TestSite.run { site in
            try await site.engine.database.put(RepositoryDefinition(name: "slow", url: "/srv/slow"), origin: .added)
            try await site.client { client in
                async let fetched = client.fetch("slow")
                try await until("the look") { site.engine.calls == ["look slow"] }
                await site.triggerShutdown()
                try await within("the server's end", seconds: 5) { try await site.end() }
                do {
                    _ = try await fetched
                    Issue.record("the look has not ended")
                } catch let error as RunnerError {
                    #expect(error.kind == .errored)
                }
            }
        }
    }

    private static func collect(_ feed: EventFeed) async throws -> [ServerEvent] {
        var events: [ServerEvent] = []
        for try await event in feed { events.append(event) }
        return events
    }

    private static func run(_ event: ServerEvent) throws -> RunSummary {
        try APIJSON.decode(RunSummary.self, from: Data(event.data.utf8))
    }
}
