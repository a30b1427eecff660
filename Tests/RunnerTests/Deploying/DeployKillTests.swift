import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import Testing

/// The daemon is killed in the steps of every strategy: what comes of it is whole, and was done once. One way of going on
/// takes the odd steps, the other the even ones.
@Suite(.timeLimit(.minutes(15))) struct DeployKillTests {
    @Test(arguments: ShopFixture.Style.allCases, ["resume", "roll-back"])
    func `a rollout whose daemon is killed ends live or back, never half`(
        _ style: ShopFixture.Style,
        _ onCrash: String
    ) async throws {
        let shop = try await ShopFixture(style, targets: 2, more: "on-crash: \(onCrash)\n")
        var daemon = try await shop.served.serve()
        try await shop.push()
        let first = try await shop.end(of: "staging", count: 1)
        #expect(first.status == .finished(.succeeded))
        let loop = RequestLoop(port: shop.proxy(of: "staging"), threads: 2)
        var last = try shop.answer(of: "staging")
        // Until a rollout ends before it came to the step.
        var count = 1
        for step in stride(from: onCrash == "resume" ? 1 : 2, through: 40, by: 2) {
            count += 1
            try await shop.push()
            guard let id = try await shop.step(step, of: "staging", count: count) else { break }
            _ = daemon.end(SIGKILL)
            daemon = try await shop.served.serve()
            let row = try await shop.end(of: "staging", count: count)
            #expect(row.id == id)
            let isLive = row.status == .finished(.succeeded)
            // What went back changed something before, and is not what was asked for.
            #expect(isLive || (onCrash == "roll-back" && row.status == .finished(.failed)), "\(row.reason ?? "")")
            let answer = try shop.answer(of: "staging")
            #expect((answer != last) == isLive, "step \(step)")
            last = answer
            try await shop.expectWhole("staging", "step \(step)")
            try await shop.expectOnce(id)
        }
        #expect(count > 2)
        let requests = loop.stop()
        #expect(
            requests.failures.isEmpty,
            "\(requests.failures.count) of \(requests.all): \(requests.failures.prefix(5))"
        )
        _ = daemon.end()
    }

    @Test func `killed while it goes back, it goes back`() async throws {
        let shop = try await ShopFixture(.rolling, targets: 2)
        var daemon = try await shop.served.serve()
        try await shop.push()
        try await shop.end(of: "staging", count: 1)
        let first = try shop.answer(of: "staging")
        try await shop.push(["app/broken": "health"])
        _ = try await shop.deployment(of: "staging", count: 2) { $0.reason?.hasPrefix("going back") == true }
        _ = daemon.end(SIGKILL)
        daemon = try await shop.served.serve()
        let row = try await shop.end(of: "staging", count: 2)
        #expect(row.status == .finished(.failed))
        #expect(try shop.answer(of: "staging") == first)
        try await shop.expectWhole("staging", "after going back")
        _ = daemon.end()
    }
}

extension ShopFixture {
    /// Waits until a deployment has begun its given step, and gives its number; `nil` where it ended before.
    func step(_ step: Int, of environment: String, count: Int) async throws -> Int64? {
        let database = try served.database()
        defer { try? database.close() }
        let row = try await deployment(of: environment, count: count) { $0.status != .waiting }
        let limit = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < limit {
            let steps = try await database.events(of: row.id).count { $0.kind == "step" }
            if steps >= step { return row.id }
            if try await database.deployment(row.id)?.isFinished ?? true { return nil }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw RunnerFixture.Failure(description: "deployment \(row.id) did not come to step \(step)")
    }

    /// Every place with traffic runs what is live, and answers so.
    func expectWhole(_ environment: String, _ what: String) async throws {
        let database = try served.database()
        defer { try? database.close() }
        let live = try await database.live().first { $0.environment == environment }
        let places = try await database.places(of: environment).map {
            try JSON.decode(Place.self, from: Data($0.place.utf8))
        }
        let serving = places.filter { $0.weight > 0 }
        #expect(!serving.isEmpty, "\(what)")
        #expect(Set(serving.map(\.release)) == [live?.release.id], "\(what): \(places)")
        var bodies: Set<String> = []
        for _ in 0..<6 { if let body = try answer(of: environment) { bodies.insert(body) } }
        #expect(bodies.count == 1, "\(what): \(bodies)")
    }

    /// Begun once, ended once.
    func expectOnce(_ deployment: Int64) async throws {
        let database = try served.database()
        defer { try? database.close() }
        let kinds = try await database.events(of: deployment).map(\.kind)
        #expect(kinds.count { $0 == "begun" } == 1)
        #expect(kinds.count { $0 == "live" || $0 == "ended" } == 1)
    }

    private struct Place: Decodable {
        let version: String?
        let release: Int64?
        let weight: Int
    }
}
