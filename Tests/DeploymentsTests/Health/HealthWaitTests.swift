import Deployments
import RunnerCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HealthWaitTests {
    private static let web = DeployInstance("web")

    private static func check(_ path: String, deadline: Duration) -> HealthCheck {
        HealthCheck(
            .http(HTTPProbe(path: path)),
            interval: .milliseconds(20),
            timeout: .seconds(2),
            threshold: 2,
            deadline: deadline
        )
    }

    @Test func `an instance is waited for until it is good twice in a row`() async throws {
        let server = try AnswerServer()
        let said = Mutex<[String]>([])
        let check = Self.check("/third", deadline: .seconds(30))
        try await withLook(at: environment(at: server.address), check) { look in
            try await HealthWait(look).untilHealthy(Self.web) { line in said.withLock { $0.append(line) } }
        }
        #expect(said.withLock(\.self) == ["web: 503: not 200 to 299: ?", "web: 200: ?"])
    }

    @Test func `one that is good every other time is not healthy`() async throws {
        let server = try AnswerServer()
        let failure = await #expect(throws: DeployFailure.self) {
            try await withLook(at: environment(at: server.address), Self.check("/flapping", deadline: .seconds(1))) {
                try await HealthWait($0).untilHealthy(Self.web)
            }
        }
        #expect(failure?.kind == .unhealthy)
        #expect(failure?.what == "web did not become healthy within 1 s")
        #expect(failure?.why?.contains("answers were good, 2 in a row are needed") == true)
    }

    @Test func `an instance that never answers is given up at the deadline`() async throws {
        let silent = try SilentServer()
        let start = ContinuousClock.now
        let failure = await #expect(throws: DeployFailure.self) {
            try await withLook(
                at: environment(at: "127.0.0.1:\(silent.port)"),
                Self.check("/ok", deadline: .milliseconds(500))
            ) { try await HealthWait($0).untilHealthy(Self.web) }
        }
        #expect(failure?.why?.hasPrefix("the last answer: no answer within") == true)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `waiting can be canceled`() async throws {
        let silent = try SilentServer()
        let start = ContinuousClock.now
        let place = environment(at: "127.0.0.1:\(silent.port)")
        let work = Task {
            try await withLook(at: place, Self.check("/ok", deadline: .seconds(50))) {
                try await HealthWait($0).untilHealthy(Self.web)
            }
        }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}

@Suite(.timeLimit(.minutes(1)))
struct FleetProbeTests {
    @Test func `errors and latencies of instances are counted apart`() async throws {
        let server = try AnswerServer()
        var place = environment(at: server.address)
        place.targets.append(DeployTarget(name: "gone", address: "127.0.0.1:\(try Loopback.freePort())"))
        let (web, gone) = (DeployInstance("web"), DeployInstance("gone"))
        let check = HealthCheck(.http(HTTPProbe(path: "/quarter")), interval: .milliseconds(1))
        try await withLook(at: place, check) { look in
            let probe = FleetProbe(look, at: [web, gone])
            #expect(probe.errorRate() == nil)
            #expect(probe.p95() == nil)
            let work = Task { await probe.run() }
            try await eventually("40 looks at each") { probe.count(of: [web]) >= 40 && probe.count(of: [gone]) >= 40 }
            work.cancel()
            await work.value
            let count = Double(probe.count(of: [web]))
            #expect(probe.errorRate(of: [web]) == 100 * (count / 4).rounded(.down) / count)
            #expect(probe.errorRate(of: [gone]) == 100)
            let latency = try #require(probe.p95(of: [web]))
            #expect(latency > 0 && latency < 5)
            let whole = try #require(probe.errorRate())
            #expect(whole > 25 && whole < 100)
        }
    }
}
