import RunnerCore
import Testing

@testable import RunnerStore

@Suite struct StageKeyTests {
    @Test(arguments: [
        (KeyValue.map(["b": .text("x"), "a": .list([.null, .bool(true)])]), #"{"a":[null,true],"b":"x"}"#),
        (.text("quote \" backslash \\ line\n tab\t é 🔑"), "\"quote \\\" backslash \\\\ line\\u000a tab\\u0009 é 🔑\""),
        (.map([:]), "{}"), (.list([]), "[]"), (.map(["é": .null, "z": .null]), "{\"z\":null,\"é\":null}"),
    ]) func `a value has one text`(_ value: KeyValue, _ text: String) throws {
        #expect(value.canonical == text)
        #expect(try KeyValue(canonical: text) == value)
    }

    /// Worked out by `printf 'null' | sha256sum` and so on, as docs/reuse.md describes it.
    @Test func `a key is what the documentation says`() {
        let key = StageKey(["b": .text("x"), "a": .null])
        #expect(key["a"]?.digest.description == "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b")
        #expect(key.digest.description == Self.documented)
    }

    private static let documented = "2aafca2f5fb513a5eded47174dcad3234cce8554152e8d88db56a5a2797f1f17"

    @Test func `long values are told by their digest`() {
        let key = StageKey(["a": .text(String(repeating: "x", count: 5000))])
        #expect(key["a"]?.text == nil)
    }

    @Test func `the nearest key is the one with the fewest differences, of those the newest`() throws {
        func entry(_ run: Int, _ values: [String: KeyValue]) throws -> KeyHistory.Entry {
            let key = StageKey(values)
            return KeyHistory.Entry(
                run: try #require(.init(run)),
                ref: "refs/heads/main",
                trust: .ordinary,
                key: key.digest,
                components: Dictionary(uniqueKeysWithValues: key.components.map { ($0.name, $0.digest) })
            )
        }
        let entries = [
            try entry(3, ["a": .text("1"), "b": .text("2"), "c": .text("9")]),
            try entry(2, ["a": .text("1"), "b": .text("9"), "c": .text("3")]),
            try entry(1, ["a": .text("9"), "b": .text("9"), "c": .text("9")]),
        ]
        let key = StageKey(["a": .text("1"), "b": .text("2"), "c": .text("3")])
        let nearest = KeyHistory.nearest(to: key, among: entries)
        #expect(nearest?.entry.run.value == 3)
        #expect(nearest?.differs == ["c"])
    }
}
