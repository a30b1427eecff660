import FoundationEssentials
import Glibc
import RunnerCore
import RunnerStore
import SystemPackage
import Testing

/// A release that turns bad after it went live, and one of which nobody can say.
@Suite(.timeLimit(.minutes(5))) struct DeployWatchTests {
    private func watch(_ rule: String, bake: String = "6s") -> String {
        "watch: { for: \(bake), interval: 1s, rules: { own: { \(rule) } } }"
    }

    @Test func `what turns bad while it is watched is taken back by itself, and nobody notices`() async throws {
        let number = "/tmp/runner-watch-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(number) }
        try "0\n".write(toFile: number, atomically: true, encoding: .utf8)
        let shop = try await ShopFixture(
            .blueGreen,
            targets: 2,
            watch: watch("command: cat \(number), above: 5, failures: 2")
        )
        let daemon = try await shop.served.serve()
        try await shop.push()
        #expect(try await shop.end(of: "staging", count: 1).status == .finished(.succeeded))
        let first = try shop.answer(of: "staging")
        let loop = RequestLoop(port: shop.proxy(of: "staging"), threads: 2)
        try await shop.push()
        _ = try await shop.step(5, of: "staging", count: 2)
        #expect(try shop.answer(of: "staging") != first)
        try "9\n".write(toFile: number, atomically: true, encoding: .utf8)
        let bad = try await shop.end(of: "staging", count: 2)
        #expect(bad.status == .finished(.failed))
        #expect(bad.reason?.contains("`own` is 9, above 5, 2 times in a row") == true, "\(bad.reason ?? "")")
        #expect(try shop.answer(of: "staging") == first)
        #expect(loop.stop().failures.isEmpty)
        _ = daemon.end()
    }

    @Test(arguments: ["cancel", "continue"])
    func `a step that nobody can judge waits for a person`(_ word: String) async throws {
        let shop = try await ShopFixture(.rolling, targets: 2)
        let daemon = try await shop.served.serve()
        try await shop.push()
        try await shop.end(of: "staging", count: 1)
        let first = try shop.answer(of: "staging")
        // Sick, and then the way back is barred, too.
        try await shop.push(["app/broken": "health"])
        _ = try await shop.step(4, of: "staging", count: 2)
        let bar = shop.directory.appending("barred")
        try shop.write("", to: bar)
        let stuck = try await shop.end(of: "staging", count: 2)
        #expect(stuck.status == .paused, "\(stuck.status) \(stuck.reason ?? "")")
        #expect(stuck.reason?.contains("and that did not work") == true, "\(stuck.reason ?? "")")
        // It is tried again when a person says so, and by nobody else.
        unlink(bar.string)
        if word == "cancel" {
            try await shop.runner("deployment", "cancel", "\(stuck.id)", "--reason", "back with it")
        } else {
            try await shop.runner("deployment", "continue", "\(stuck.id)")
        }
        let row = try await shop.deployment(of: "staging", count: 2, { $0.isFinished })
        #expect(row.status == .finished(.failed), "\(row.reason ?? "")")
        #expect(try shop.answer(of: "staging") == first)
        _ = daemon.end()
    }

    @Test func `a rollback to what the idle slots still run is one switch`() async throws {
        let shop = try await ShopFixture(.blueGreen, targets: 4)
        let daemon = try await shop.served.serve()
        for count in 1...2 {
            try await shop.push()
            try await shop.end(of: "staging", count: count)
        }
        let plan = try await shop.runner("rollback", "staging", "--dry-run").output
        #expect(
            plan.contains("send traffic to t0/blue, t1/blue, t2/blue, t3/blue") && !plan.contains("activate"),
            "\(plan)"
        )
        try await shop.runner("drill", "rollback", "staging")
        try await shop.runner("rollback", "staging")
        let row = try await shop.end(of: "staging", count: 4)
        #expect(row.status == .finished(.succeeded) && row.kind == .rollback)
        _ = daemon.end()
    }
}
