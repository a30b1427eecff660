import Deployments
import RunnerCore
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HealthLookTests {
    private static let web = DeployInstance("web")

    private static func probe(
        _ path: String,
        statuses: [Int] = [],
        json: [(String, String)] = [],
        contains: String? = nil
    ) -> HTTPProbe {
        var probe = HTTPProbe(path: path)
        probe.statuses = statuses
        probe.json = json.map { PlainVariable(name: $0.0, value: $0.1) }
        probe.contains = contains
        return probe
    }

    private static let rows: [(HTTPProbe, Bool, String)] = [
        (probe("/ok"), true, "200: fine"),
        (probe("ok"), true, "200: fine"),
        (probe("/empty"), true, "204"),
        (probe("/down"), false, "503: not 200 to 299: starting [31m up soon"),
        (probe("/down", statuses: [200, 503]), true, "503: starting [31m up soon"),
        (probe("/moved"), false, "302: not 200 to 299"),
        (probe("/teapot", statuses: [204]), false, "418: not 204: short and stout"),
        (probe("/ok", contains: "fin"), true, "200: fine"),
        (probe("/ok", contains: "well"), false, "200: does not have `well`: fine"),
        (probe("/nothing", json: [("status", "healthy")]), false, "200: is no JSON: not json {"),
    ]

    @Test(arguments: rows)
    func `an answer over http is judged by status and text`(probe: HTTPProbe, isGood: Bool, detail: String) async throws
    {
        let server = try AnswerServer()
        let answer = try await withLook(at: environment(at: server.address), HealthCheck(.http(probe))) {
            await $0.look(at: Self.web)
        }
        #expect(answer.detail == detail)
        #expect(answer.isGood == isGood)
        #expect(answer.seconds > 0 && answer.seconds < 5)
    }

    @Test(arguments: [
        ("status", "healthy", true), ("checks.db", "true", true), ("checks.n", "3", true),
        ("checks.list.0.a", "null", true), ("a.b", "1.5", true), ("status", "sick", false), ("checks", "x", false),
        ("checks.list.1.a", "null", false), ("none.at.all", "x", false),
    ])
    func `members of an answer's json are compared as text`(name: String, value: String, isGood: Bool) async throws {
        let server = try AnswerServer()
        let check = HealthCheck(.http(Self.probe("/json", json: [(name, value)])))
        let answer = try await withLook(at: environment(at: server.address), check) { await $0.look(at: Self.web) }
        #expect(answer.isGood == isGood, "\(answer.detail)")
    }

    @Test func `of an answer 64 KiB are read, and its detail is short`() async throws {
        let server = try AnswerServer()
        let check = HealthCheck(.http(Self.probe("/big", json: [("status", "healthy")])))
        let answer = try await withLook(at: environment(at: server.address), check) { await $0.look(at: Self.web) }
        #expect(!answer.isGood)
        #expect(answer.detail.hasPrefix("200: its JSON is longer than 64 KiB: {"))
        #expect(answer.detail.count < 300)
    }

    @Test(arguments: ["/never", "/endless"])
    func `an answer that takes too long is a bad one`(path: String) async throws {
        let server = try AnswerServer()
        let check = HealthCheck(.http(Self.probe(path)), timeout: .milliseconds(300))
        let answer = try await withLook(at: environment(at: server.address), check) { await $0.look(at: Self.web) }
        #expect(!answer.isGood)
        #expect(answer.detail == "no answer within 300 ms")
        #expect(answer.seconds < 3)
    }

    @Test(arguments: [HealthProbe.tcp, .http(HTTPProbe(path: "/ok"))])
    func `where nobody listens nothing is healthy`(probe: HealthProbe) async throws {
        let place = environment(at: "127.0.0.1:\(try Loopback.freePort())")
        let answer = try await withLook(at: place, HealthCheck(probe)) { await $0.look(at: Self.web) }
        #expect(!answer.isGood)
        #expect(answer.detail.lowercased().contains("refused"), "\(answer.detail)")
    }

    @Test func `a connection is enough for tcp`() async throws {
        let server = try SilentServer()
        let place = environment(at: "127.0.0.1:\(server.port)")
        let answer = try await withLook(at: place, HealthCheck(.tcp)) { await $0.look(at: Self.web) }
        #expect(answer.isGood, "\(answer.detail)")
    }

    @Test func `a target without an address is not healthy, and says why`() async throws {
        let answer = try await withLook(at: environment(), HealthCheck(.tcp)) { await $0.look(at: Self.web) }
        #expect(!answer.isGood)
        #expect(answer.detail.contains("its target has no address"))
    }

    @Test(arguments: Way.allCases, [("exit 0", true), ("echo sick; exit 1", false)])
    func `a command is run on the target`(way: Way, row: (script: String, isGood: Bool)) async throws {
        let place = try Place(way)
        let check = HealthCheck(.command("test $RUNNER_ADDRESS = h:80; test $A = b; \(row.script)"))
        let web = environment(at: "h:80", host: place.host)
        let answer = try await withLook(at: web, check, facts: ["A": "b"]) { await $0.look(at: Self.web) }
        #expect(answer.isGood == row.isGood, "\(answer.detail)")
        #expect(answer.detail == (row.isGood ? "exit code 0" : "exit code 1: sick"))
    }

    @Test func `a slot is looked at where it answers`() async throws {
        let server = try AnswerServer()
        var place = environment(at: "127.0.0.1:1")
        place.targets[0].slots = [.blue: "127.0.0.1:1", .green: server.address]
        let answers = try await withLook(at: place, HealthCheck(.http(HTTPProbe(path: "/ok")))) { look in
            (await look.look(at: DeployInstance("web", .blue)), await look.look(at: DeployInstance("web", .green)))
        }
        #expect(!answers.0.isGood)
        #expect(answers.1.isGood)
    }
}
