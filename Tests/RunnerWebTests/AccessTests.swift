import Foundation
import RunnerAPI
import RunnerCore
import RunnerStore
import Testing

@testable import RunnerWeb

@Suite struct AccessTests {
    /// One endpoint of each kind, and who may.
    static let table: [(method: String, path: String, needed: Role?, allowed: UInt)] = [
        ("GET", "/api/v1/runs", .viewer, 200),
        ("GET", "/metrics", .viewer, 200),
        ("POST", "/api/v1/runs/1/cancel", .developer, 404),
        ("POST", "/api/v1/repositories/web/fetch", .developer, 404),
        ("POST", "/api/v1/drain", .admin, 200),
        ("GET", "/api/v1/tokens", .admin, 200),
        ("GET", "/api/v1/audit", .admin, 200),
        ("DELETE", "/api/v1/repositories/web", .admin, 404),
        ("GET", "/live", nil, 200),
        ("GET", "/api/openapi.json", nil, 200),
    ]

    @Test(arguments: table)
    func `each endpoint is for its role and those above`(
        method: String,
        path: String,
        needed: Role?,
        allowed: UInt
    ) async throws {
        try await TestSite.run { site in
            let stranger = try await site.ask(method, path)
            #expect(stranger.status == (needed == nil ? allowed : 401))
            for role in Role.allCases {
                let answer = try await site.ask(method, path, token: site.token(role))
                #expect(answer.status == (needed.map { role >= $0 } ?? true ? allowed : 403), "\(role)")
                if answer.status == 403 { #expect(try answer.problem().why?.contains(role.rawValue) == true) }
            }
        }
    }

    @Test func `a wrong token is refused, also where none is needed`() async throws {
        try await TestSite.run { site in
            for secret in ["rnr_0", "", "x y"] {
                let answer = try await site.ask("GET", "/live", token: secret)
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"] == "Bearer")
            }
            let expired = try await site.engine.database.createToken(
                name: "old",
                role: .admin,
                expires: Date(timeIntervalSinceNow: -1)
            )
            #expect(try await site.ask("GET", "/api/v1/runs", token: expired).status == 401)
        }
    }

    @Test func `a client that asks too often waits, and others do not`() async throws {
        let listen = ServerOptions.Listen(address: "127.0.0.1:0", rateLimit: 5)
        try await TestSite.run(listen) { site in
            let ada = try await site.token(.viewer)
            for _ in 0..<5 { #expect(try await site.ask("GET", "/api/v1/runs", token: ada).status == 200) }
            let refused = try await site.ask("GET", "/api/v1/runs", token: ada)
            #expect(refused.status == 429)
            #expect((1...12).contains(Int(refused.headers["retry-after"] ?? "") ?? 0))
            #expect(try await site.ask("GET", "/api/v1/runs", token: site.token(.viewer)).status == 200)
            // Over the socket nobody is counted.
            try await site.client { client in for _ in 0..<20 { _ = try await client.runs() } }
        }
    }

    @Test func `buckets fill with time and are not kept for ever`() {
        let limiter = RateLimiter(perMinute: 60)
        let start = ContinuousClock.now
        for _ in 0..<60 { #expect(limiter.take("a", now: start) == nil) }
        #expect(limiter.take("a", now: start) == 1)
        #expect(limiter.take("a", now: start + .seconds(1)) == nil)
        for index in 0..<20_000 { _ = limiter.take("b\(index)", now: start + .seconds(index)) }
        #expect(limiter.take("c", now: start + .seconds(30_000)) == nil)
    }

    static let listens: [(address: String, tls: Bool, insecure: Bool, isTaken: Bool)] = [
        ("127.0.0.1:80", false, false, true), ("localhost:80", false, false, true), ("[::1]:80", false, false, true),
        ("0.0.0.0:80", false, false, false), ("0.0.0.0:80", true, false, true), ("10.0.0.1:80", false, true, true),
        ("127.evil.example:80", false, false, false), ("nowhere", false, false, false), (":80", true, false, false),
        ("127.0.0.1:70000", false, false, false),
    ]

    @Test(arguments: listens)
    func `tokens go over no network in the clear`(address: String, tls: Bool, insecure: Bool, isTaken: Bool) {
        let listen = ServerOptions.Listen(
            address: address,
            tlsCertificate: tls ? "c.pem" : nil,
            tlsKey: tls ? "k.pem" : nil,
            isInsecureAllowed: insecure
        )
        // The error is the answer: its words have no row here.
        #expect(((try? ListenAddress.check(listen)) != nil) == isTaken)
    }
}
