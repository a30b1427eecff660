import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import Testing

/// Each strategy on four targets under a steady load: forward, back by itself, and back by hand.
@Suite(.timeLimit(.minutes(10))) struct DeployStrategyTests {
    @Test(arguments: ShopFixture.Style.allCases)
    func `no request is lost on the way forward, and none on the ways back`(_ style: ShopFixture.Style) async throws {
        let shop = try await ShopFixture(style)
        let daemon = try await shop.served.serve()
        try await shop.push()
        #expect(try await shop.end(of: "staging", count: 1).status == .finished(.succeeded))
        let first = try #require(try shop.answer(of: "staging"))
        let loop = RequestLoop(port: shop.proxy(of: "staging"))

        try await shop.push()
        #expect(try await shop.end(of: "staging", count: 2).status == .finished(.succeeded))
        let second = try #require(try shop.answer(of: "staging"))
        #expect(second != first)

        try await shop.push(["app/broken": "health"], "Break it")
        let bad = try await shop.end(of: "staging", count: 3)
        #expect(bad.status == .finished(.failed), "\(bad.reason ?? "")")
        #expect(bad.reason?.contains("did not become healthy") == true, "\(bad.reason ?? "")")
        #expect(try shop.answer(of: "staging") == second)

        try await shop.runner("rollback", "staging", "--reason", "to see")
        #expect(try shop.answer(of: "staging") == first)

        let count = loop.stop()
        #expect(count.failures.isEmpty, "\(count.failures.count) of \(count.all): \(count.failures.prefix(5))")
        #expect(count.all > 100)
        #expect(count.bodies.isSuperset(of: [first, second]))
        _ = daemon.end()
    }
}
