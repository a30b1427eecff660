import FoundationEssentials
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// Gates of a real server: what waits says why, what passes is what was approved.
@Suite(.timeLimit(.minutes(5))) struct DeployGateTests {
    private static let production = """
        protection:
          refs: { tags: ["v*"] }
          newer: true
          passed: [release]
          after: { environment: staging, healthy: 6s }
          approvals: 1
          checklist:
            manual: The manual says what is new
            scan: { text: Nothing known is in it, run: "test ! -e /nonexistent" }

        """

    private func why(_ shop: ShopFixture, _ version: String, status: Int32 = 1) async throws -> WhyView {
        let end = try await shop.runner("why", version, "production", "--json", status: status)
        return try APIJSON.decode(WhyView.self, from: Data(end.output.utf8))
    }

    private func gate(_ name: String, _ why: WhyView) -> GateView? { why.gates.first { $0.gate == name } }

    @Test func `a tag waits for what it needs, each with its reason, and goes live once it has it`() async throws {
        let shop = try await ShopFixture(.blueGreen, targets: 1, production: Self.production)
        let daemon = try await shop.served.serve()
        try await shop.push()
        try await shop.end(of: "staging", count: 1)
        try await shop.tag("v1.0.0")
        let row = try await shop.deployment(of: "production", count: 1) { $0.reason?.contains("approvals") == true }

        var view = try await why(shop, "v1.0.0")
        #expect(view.decision == .waits && view.deployment == row.id)
        #expect(gate("passed", view)?.state == .passed)
        #expect(gate("approvals", view)?.owner == "anyone who may approve")
        #expect(gate("checklist", view)?.reason == "still `manual`")
        // The run waits, and says for what.
        let waiting = try await shop.runner("show", "2").output
        #expect(waiting.contains("approvals: 0 of 1"), "\(waiting)")

        let refused = try await shop.runner("approve", "\(row.id)", "--plan", "0000", status: 2)
        #expect(refused.errors.contains("its plan is"))
        try await shop.runner("approve", "\(row.id)", "--plan", String(row.planHash.prefix(12)))
        view = try await why(shop, "v1.0.0")
        #expect(gate("approvals", view)?.state == .passed)

        // Another file is another plan: what was approved counts no more.
        let file = shop.directory.appending("environments").appending("production.yml")
        let text = try String(contentsOfFile: file.string, encoding: .utf8)
        try shop.write(text + "# changed\n", to: file)
        try await shop.runner("reload")
        let replanned = try await shop.deployment(of: "production", count: 1) { $0.planHash != row.planHash }
        view = try await why(shop, "v1.0.0")
        #expect(gate("approvals", view)?.reason.contains("approved another plan, which does not count") == true)

        try await shop.runner("approve", "\(row.id)")
        try await shop.runner("sign", "\(row.id)", "nothing", status: 2)
        try await shop.runner("sign", "\(row.id)", "manual")
        let end = try await shop.end(of: "production", count: 1)
        #expect(end.status == .finished(.succeeded), "\(end.reason ?? "")")
        #expect(end.planHash == replanned.planHash)
        #expect(try await shop.live(in: "production") == "v1.0.0")
        #expect(try await shop.runner("version", "production").output == "v1.0.0\n")
        #expect(try await shop.served.end(of: 2).outcome == .succeeded)
        try await shop.runner("audit", "--verify")
        _ = daemon.end()
    }

    @Test func `a moved tag and an older version never get there`() async throws {
        let protection = "protection: { refs: { tags: [\"v*\"] }, newer: true }\n"
        let shop = try await ShopFixture(.blueGreen, targets: 1, production: protection)
        let daemon = try await shop.served.serve()
        try await shop.push()
        try await shop.tag("v2.0.0")
        #expect(try await shop.end(of: "production", count: 1).status == .finished(.succeeded))
        try await shop.push()
        try await shop.tag("v1.9.0")
        let older = try await shop.end(of: "production", count: 2)
        #expect(older.status == .finished(.failed) && older.reason?.contains("v2.0.0 is live, which is newer") == true)
        try await shop.push()
        try await shop.served.fixture.git("tag", "--force", "v2.0.0")
        try await shop.served.fixture.git("push", "--quiet", "--force", "origin", "v2.0.0")
        _ = try await shop.served.runs("the push to main") { $0.count >= 5 }
        // A moved tag starts nothing by itself; who asks for it by hand is refused.
        try await shop.runner("run", "release", "--ref", "refs/tags/v2.0.0", "--watch", status: 1)
        let moved = try await shop.end(of: "production", count: 3)
        #expect(moved.reason?.contains("pointed elsewhere before") == true, "\(moved.reason ?? "")")
        #expect(try await shop.live(in: "production") == "v2.0.0")
        _ = daemon.end()
    }

    @Test func `frozen it waits, newer pushes take its place, and a canceled run takes it along`() async throws {
        let shop = try await ShopFixture(.blueGreen, targets: 1)
        let daemon = try await shop.served.serve()
        try await shop.runner("freeze", "staging", "--reason", "inventory")
        try await shop.push()
        let first = try await shop.deployment(of: "staging", count: 1) { $0.reason?.contains("inventory") == true }
        try await shop.push()
        let superseded = try await shop.end(of: "staging", count: 1)
        #expect(superseded.status == .finished(.superseded) && superseded.supersededBy == first.id + 1)
        try await shop.runner("override", "\(first.id + 1)", "lock", "--reason", "no", status: 2)
        try await shop.runner("cancel", "2")
        let canceled = try await shop.end(of: "staging", count: 2)
        #expect(canceled.status == .finished(.canceled))
        #expect(try await shop.served.end(of: 2).outcome == .canceled)
        try await shop.push()
        let third = try await shop.deployment(of: "staging", count: 3) { $0.reason?.contains("inventory") == true }
        try await shop.runner("override", "\(third.id)", "freeze", "--reason", "the shop burns")
        #expect(try await shop.end(of: "staging", count: 3).status == .finished(.succeeded))
        let audit = try await shop.runner("audit").output
        #expect(audit.contains("overridden freeze") && audit.contains("the shop burns"))
        try await shop.runner("unfreeze", "staging", "--reason", "counted")
        _ = daemon.end()
    }

    @Test func `an environment that is not there is an error with a hint`() async throws {
        let shop = try await ShopFixture(.blueGreen, targets: 1)
        let daemon = try await shop.served.serve()
        let pipeline = try String(
            contentsOfFile: shop.repository.appending("pipelines").appending("ci.yml").string,
            encoding: .utf8
        )
        try await shop.push([
            "pipelines/ci.yml": pipeline.replacing("environment: staging", with: "environment: stagin")
        ])
        let run = try await shop.served.end(of: 1)
        #expect(run.outcome == .errored)
        let shown = try await shop.runner("show", "1").output
        #expect(shown.contains("did you mean staging?"), "\(shown)")
        _ = daemon.end()
    }
}
