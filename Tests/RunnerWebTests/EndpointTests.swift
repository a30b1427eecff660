import Foundation
import Git
import RunnerAPI
import RunnerCore
import RunnerStore
import Testing

/// Each endpoint over a real socket, read with the client.
@Suite struct EndpointTests {
    @Test func `status, draining and resuming are told`() async throws {
        try await TestSite.run { site in
            try await site.client { client in
                #expect(try await client.status().pid == 42)
                #expect(try await client.drain().isDraining)
                #expect(try await !client.resume().isDraining)
                try await client.upgrade(to: "/opt/runner")
                try await client.reload()
            }
            #expect(site.engine.calls == ["upgrade /opt/runner", "reload"])
        }
    }

    @Test func `a repository is added, shown, fetched and removed`() async throws {
        try await TestSite.run { site in
            try await site.client { client in
                let body = RepositoryBody(
                    name: "web",
                    url: "https://ada:secret@example.com/web.git",
                    poll: 30,
                    transport: .git,
                    movedTags: true
                )
                let added = try await client.add(body)
                #expect(added.url == "https://ada@example.com/web.git")
                #expect(added.poll == 30 && added.movedTags && !added.firstRun && added.transport == "git")
                #expect(try await client.repositories().items == [added])
                #expect(try await client.fetch("web").name == "web")
                try await client.removeRepository("web")
                #expect(try await client.repositories().items.isEmpty)
                await #expect(throws: RunnerError.self) { try await client.repository("web") }
            }
            #expect(site.engine.calls.contains("look web"))
        }
    }

    @Test func `a run is listed, shown, bundled, canceled and run again`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try run.append("hello\n")
            try await site.client { client in
                let page = try await client.runs()
                #expect(page.items.map(\.number) == [1] && page.next == nil)
                let detail = try await client.run(run.number)
                #expect(detail.run == page.items[0])
                let step = try require(detail.stages.first?.steps.first)
                #expect(step.status == .running && step.log?.bytes == 6)
                #expect(detail.stages.first?.steps.last?.status == .pending)
                let bundle = try await client.bundle(of: run.number)
                #expect(bundle.url == "https://ada@example.com/web.git")
                #expect(bundle.plan.stages.count == 1 && bundle.event.shortRef == "develop")
                #expect(try await client.cancel(run.number, reason: "wrong").answer == .asked)
                try await run.finish(.canceled)
                let again = try await client.cancel(run.number)
                #expect(again.answer == .hadEnded && again.outcome == .canceled)
                #expect(try await client.rerun(run.number, RerunBody(fromFailed: true)).value == 2)
                #expect(try await client.run(run.number).stages[0].outputs == ["version": "1"])
            }
            let calls = site.engine.calls
            #expect(calls.contains { $0.hasPrefix("cancel 1 by ") && $0.hasSuffix(": wrong") })
            #expect(calls.contains("rerun 1 fromFailed"))
        }
    }

    @Test func `runs come in pages`() async throws {
        try await TestSite.run { site in
            for _ in 0..<3 { _ = try await RunFixture(site.engine) }
            try await site.client { client in
                var query = RunQuery()
                query.limit = 2
                let first = try await client.runs(query)
                #expect(first.items.map(\.number) == [3, 2])
                query.before = first.next
                let second = try await client.runs(query)
                #expect(second.items.map(\.number) == [1] && second.next == nil)
                query = RunQuery()
                query.outcomes = [.failed, .errored]
                query.since = Date(timeIntervalSince1970: 0)
                query.ref = "dev*"
                #expect(try await client.runs(query).items.isEmpty)
            }
        }
    }

    @Test func `a run is started by hand, and refused with the engine's words`() async throws {
        try await TestSite.run { site in
            _ = try await RunFixture(site.engine)
            try await site.client { client in
                let run = try await client.start(RunRequestBody(pipeline: "ci", inputs: ["a": "b"]))
                #expect(run.value == 2)
                let error = await #expect(throws: RunnerError.self) {
                    try await client.start(RunRequestBody(pipeline: "nope"))
                }
                #expect(error?.what == "cannot start `nope`" && error?.why == "there is no such pipeline")
                #expect(error?.kind == .input)
            }
        }
    }

    @Test func `locks are listed and broken`() async throws {
        try await TestSite.run { site in
            _ = try await RunFixture(site.engine)
            try await site.client { client in
                let lock = try require(try await client.locks().items.first)
                #expect(lock.name == "1/ci/develop" && lock.run == 1)
                try await client.breakLock(lock.name, reason: "it hangs")
                #expect(try await client.locks().items.isEmpty)
                await #expect(throws: RunnerError.self) { try await client.breakLock(lock.name, reason: "again") }
            }
        }
    }

    @Test func `tokens are made, listed and revoked, and the audit tells`() async throws {
        try await TestSite.run { site in
            try await site.client { client in
                let secret = try await client.createToken(TokenBody(name: "ada", role: .developer))
                #expect(secret.secret.hasPrefix("rnr_"))
                #expect(try await client.tokens().items.map(\.role) == [.developer])
                try await client.revokeToken("ada")
                #expect(try await client.tokens().items.isEmpty)
                let page = try await client.audit(limit: 1)
                #expect(page.items.map(\.action) == ["token-created"])
                #expect(try await client.audit(after: page.next).items.map(\.action) == ["token-revoked"])
            }
        }
    }

    @Test func `logs are given whole, from a byte, and by line`() async throws {
        try await TestSite.run { site in
            let run = try await RunFixture(site.engine)
            try run.startStep()
            try run.append(Array("one\ntwo \u{0}\n".utf8) + [0xFF, 0x0A])
            try run.append(Array("three\n".utf8), step: 1, name: "style")
            try await site.client { client in
                let stage = RunFixture.stageName.description
                func text(_ feed: ByteFeed) async throws -> [UInt8] {
                    var bytes: [UInt8] = []
                    for try await piece in feed { bytes += piece }
                    return bytes
                }
                let all = Array("one\ntwo \u{0}\n".utf8) + [0xFF, 0x0A] + Array("three\n".utf8)
                #expect(try await text(client.log(of: run.number, stage: stage)) == all)
                #expect(try await text(client.log(of: run.number, stage: stage, from: 4)) == Array(all[4...]))
                #expect(try await text(client.log(of: run.number, stage: stage, from: 999)).isEmpty)
                #expect(try await text(client.log(of: run.number, stage: stage, step: 1)) == Array("three\n".utf8))
                let found = try await text(client.log(of: run.number, stage: stage, grep: "e"))
                #expect(found == Array("one\nthree\n".utf8))
                await #expect(throws: RunnerError.self) { try await client.log(of: run.number, stage: "nope") }
                await #expect(throws: RunnerError.self) { try await client.log(of: run.number, stage: stage, step: 7) }
            }
        }
    }

    @Test func `a text is found across runs, the newest first`() async throws {
        try await TestSite.run { site in
            for word in ["first", "second"] {
                let run = try await RunFixture(site.engine)
                try run.startStep()
                try run.append("noise\nneedle \(word)\n")
            }
            try await site.client { client in
                let answer = try await client.search("needle")
                #expect(answer.matches.map(\.line) == ["needle second", "needle first"])
                #expect(answer.matches.map(\.offset) == [6, 6] && answer.runs == 2 && answer.next == nil)
                #expect(try await client.search("needle", before: 2).matches.map(\.run) == [1])
            }
        }
    }

    @Test func `the daemon is well, ready and alive`() async throws {
        try await TestSite.run { site in
            let health = try await site.client { try await $0.health() }
            #expect(health.status == .healthy && health.database == "connected" && health.cache == "connected")
            #expect(health.details["draining"] == "no")
            let open = try await site.ask("GET", "/health")
            #expect(open.status == 200 && open.text.contains(#""details":{}"#))
            #expect(try await site.ask("GET", "/live").status == 200)
            #expect(try await site.ask("GET", "/ready").status == 200)
            _ = try await site.client { try await $0.drain() }
            #expect(try await site.ask("GET", "/ready").status == 503)
        }
    }

    @Test func `a daemon that is not there is named, with what to do`() async throws {
        try await RunnerClient.with(.socket("/nonexistent/runner.sock")) { client in
            let error = await #expect(throws: RunnerError.self) { try await client.status() }
            #expect(error?.what == "cannot reach the daemon at /nonexistent/runner.sock")
            #expect(error?.why == "there is no such socket")
            #expect(error?.hint == "is the daemon running? `runner serve`")
        }
    }
}
