import FoundationEssentials
import Git
import RunnerCore
import SystemPackage
import Testing

@testable import RunnerStore

/// What goes and what stays, decided over values alone.
@Suite struct EvictionPlanTests {
    private static let now = Date(timeIntervalSince1970: 1_000_000_000)

    private func cache(_ id: String, hours: Double, bytes: Int64 = 10, over parent: String? = nil) -> EvictionItem {
        EvictionItem(
            .cache(id),
            .caches,
            path: FilePath("/caches/\(id)"),
            bytes: bytes,
            usedAt: Self.now - hours * 3600,
            restsOn: parent.map { [.cache($0)] } ?? []
        )
    }

    private func artifact(_ name: String, hours: Double, keep: Double? = nil) -> EvictionItem {
        EvictionItem(
            .artifact(.sha256(name)),
            .artifacts,
            path: FilePath("/artifacts/\(name)"),
            bytes: 10,
            usedAt: Self.now - hours * 3600,
            keepUntil: keep.map { Self.now + $0 * 3600 }
        )
    }

    private func plan(
        _ items: [EvictionItem],
        size: Int64? = nil,
        age: Duration? = nil,
        protection: EvictionShield = EvictionShield(),
        shortBy: Int64 = 0
    ) -> (gone: [String], kept: [String]) {
        let budget = ServerOptions.Budget(size: size, age: age)
        let plan = EvictionPlan.make(
            items: items,
            budgets: [.caches: budget, .artifacts: budget, .layers: budget, .workspaces: budget, .logs: budget],
            protection: protection,
            shortBy: shortBy,
            now: Self.now
        )
        func name(_ verdict: EvictionPlan.Verdict) -> String { verdict.item.path.lastComponent?.string ?? "" }
        return (plan.evicted.map(name), plan.kept.map { "\(name($0)): \($0.why)" })
    }

    @Test(
        arguments: [(nil, []), (30, []), (29, ["c"]), (10, ["c", "b"]), (0, ["c", "b", "a"])] as [(Int64?, [String])]
    )
    func `what was used longest ago goes until the budget is held`(size: Int64?, gone: [String]) {
        let items = [cache("a", hours: 1), cache("b", hours: 2), cache("c", hours: 3)]
        #expect(plan(items, size: size).gone == gone)
    }

    @Test func `what is too old goes, whatever its size`() {
        #expect(plan([cache("a", hours: 1), cache("b", hours: 3)], age: .seconds(7200)).gone == ["b"])
    }

    @Test func `each verdict says why`() throws {
        let plan = EvictionPlan.make(
            items: [cache("a", hours: 72, bytes: 3 << 30), cache("b", hours: 1, bytes: 3 << 29)],
            budgets: [.caches: ServerOptions.Budget(size: 1 << 30, age: .seconds(86_400))],
            now: Self.now
        )
        #expect(
            plan.evicted.map(\.why) == [
                "not used for 3 d, and caches stay 24 h",
                "caches take 1.5 GiB of 1 GiB, and it was used longest ago",
            ]
        )
    }

    @Test func `what something rests on goes after it, and stays with it`() {
        let items = [cache("base", hours: 90), cache("top", hours: 2, over: "base"), cache("other", hours: 3)]
        #expect(plan(items, size: 20).gone == ["other"])
        #expect(plan(items, size: 10).gone == ["other", "top"])
        #expect(plan(items, size: 0).gone == ["other", "top", "base"])
        #expect(plan(items, age: .seconds(4 * 3600)).gone.isEmpty)
    }

    @Test func `what is protected stays, with all below it`() {
        let tree = ObjectID.emptyTree
        let layer = EvictionItem(.layer(tree), .layers, path: "/l/base", bytes: 10, usedAt: .distantPast)
        let top = EvictionItem(
            .layer(DatabaseFixture.commit),
            .layers,
            path: "/l/top",
            bytes: 10,
            usedAt: .distantPast,
            restsOn: [.layer(tree)]
        )
        var protection = EvictionShield()
        protection.keep(tree: DatabaseFixture.commit, because: "run 7 is running")
        let (gone, kept) = plan([layer, top], size: 0, protection: protection)
        #expect(gone.isEmpty && kept.sorted() == ["base: run 7 is running", "top: run 7 is running"])
    }

    @Test func `a workspace goes with its run alone, and holds its layers`() throws {
        let run = try #require(RunNumber(7))
        let items = [
            EvictionItem(.run(run), .logs, path: "/runs/7", bytes: 1, usedAt: .distantPast),
            EvictionItem(.layer(.emptyTree), .layers, path: "/l/base", bytes: 1, usedAt: .distantPast),
            EvictionItem(
                .workspace("7-test", of: run),
                .workspaces,
                path: "/work/7-test",
                bytes: 1,
                usedAt: Self.now,
                restsOn: [.run(run), .layer(.emptyTree)]
            ),
        ]
        #expect(plan(items, age: .seconds(60)).gone.isEmpty)
        #expect(plan(items, size: 0).gone == ["7-test", "base", "7"])
        var protection = EvictionShield()
        protection.keep(run: run, because: "it is live")
        #expect(plan(items, size: 0, protection: protection).gone.isEmpty)
    }

    @Test func `what its pipeline wants stays, and no longer than that`() {
        let items = [artifact("a", hours: 9, keep: 1), artifact("b", hours: 1, keep: -1), artifact("c", hours: 1)]
        let (gone, kept) = plan(items, size: 0)
        #expect(gone == ["b", "c"])
        #expect(kept == ["a: its pipeline wants it until 2001-09-09T02:46:40Z"])
        #expect(plan(items).gone == ["b"])
    }

    @Test func `what a run that goes on may have mounted stays`() {
        var protection = EvictionShield()
        protection.keepUsed(since: Self.now - 3600)
        protection.keepUsed(since: Self.now - 7200)
        let (gone, kept) = plan([cache("a", hours: 2), cache("b", hours: 3)], size: 0, protection: protection)
        #expect(gone == ["b"] && kept == ["a: a run that goes on may use it"])
    }

    @Test func `a short disk takes what can be made again, and nothing warm`() {
        let items = [
            cache("a", hours: 0.5), cache("b", hours: 2), cache("c", hours: 3), artifact("kept", hours: 99),
        ]
        #expect(plan(items, shortBy: 5).gone == ["c"])
        #expect(plan(items, shortBy: 1000).gone == ["c", "b"])
        #expect(plan(items, size: 20, shortBy: 10).gone == ["c"])
    }
}
