import RunnerCore
import Testing

@Suite struct DidYouMeanTests {
    @Test(arguments: [
        ("bracnhes", "branches"), ("tag", "tags"), ("STAGES", "stages"), ("stage", "stages"), ("needs", nil),
        ("", nil), ("x", nil), ("postgres", nil), ("concurency", "concurrency"), ("ifs", "if"),
    ])
    func `one near name is suggested`(name: String, suggestion: String?) {
        let names = ["needs", "branches", "tags", "stages", "concurrency", "if"]
        #expect(DidYouMean.suggestion(for: name, among: names) == suggestion)
    }

    @Test func `names of any length cost nothing`() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(DidYouMean.suggestion(for: long, among: [long + "b", "a"]) == nil)
    }
}
