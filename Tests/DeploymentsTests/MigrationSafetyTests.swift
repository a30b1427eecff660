import RunnerCore
import Testing

@testable import Deployments

struct MigrationSafetyTests {
    /// `a` is plain, `a+` expands, `a-` contracts; `a!` cannot be taken back; `(a)` is pending.
    private static func migrations(_ text: String) -> [Migration] {
        text.split(separator: " ").map { word in
            let kind: Migration.Kind = word.contains("+") ? .expand : word.contains("-") ? .contract : .plain
            let (isReversible, isApplied) = (!word.contains("!"), !word.contains("("))
            return Migration(
                id: word.filter(\.isLetter),
                kind: kind,
                isReversible: isReversible,
                isApplied: isApplied
            )
        }
    }

    @Test(
        arguments: [
            ("", [], MigrationSafety.safe(staying: [])),
            ("a b", ["a", "b"], .safe(staying: [])),
            ("a b (c)", ["a", "b"], .safe(staying: [])),
            ("a b+ c+!", ["a"], .safe(staying: ["b", "c"])),
            ("a b c-", ["a"], .reversible(["c", "b"], to: "a")),
            ("a", [], .reversible(["a"], to: nil)),
            // What expands stays where it is older than what must go, and goes where it is newer.
            ("a b+ c d+", ["a"], .reversible(["d", "c"], to: "b")),
            ("a b! c", ["a"], .needsRestore(backup: "B", reason: "there is no way back from `b`")),
            ("a b c+!", ["a"], .needsRestore(backup: "B", reason: "there is no way back from `c`")),
            ("a x b", ["a", "b"], .needsRestore(backup: "B", reason: "it needs `b`, which came after `x`")),
            (
                "a (b)", ["a", "b"],
                .impossible(reason: "it needs `b`, which the database does not have: deploy it instead")
            ),
        ] as [(String, [String], MigrationSafety)]
    )
    func `what going back takes`(applied: String, known: [String], safety: MigrationSafety) {
        #expect(MigrationSafety.judge(Self.migrations(applied), known: known, backup: "B") == safety)
    }

    @Test func `without a backup there is no way back from what cannot be taken back`() {
        let safety = MigrationSafety.judge(Self.migrations("a b!"), known: ["a"], backup: nil)
        #expect(safety == .impossible(reason: "there is no way back from `b`, and no backup"))
        #expect(safety.words == "rolling back is impossible: there is no way back from `b`, and no backup")
    }
}
