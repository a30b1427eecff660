import Git
import RunnerCore
import Testing

@Suite struct ProtectedRefsTests {
    @Test(arguments: [
        ("refs/heads/develop", RefTrust.protected), ("refs/heads/release/1.2", .protected),
        ("refs/heads/hotfix/login", .protected), ("refs/heads/feature/x", .ordinary), ("refs/tags/v1.0.0", .protected),
        ("refs/tags/nightly", .ordinary), ("refs/heads/v1.0.0", .ordinary), ("refs/tags/main", .ordinary),
        ("refs/pull/1/head", .ordinary), ("main", .ordinary),
    ]) func `trust goes by the kind of a ref and its name`(_ ref: String, _ trust: RefTrust) {
        #expect(ProtectedRefs().trust(in: event(ref)) == trust)
    }

    @Test func `a work tree is ordinary on any branch`() {
        #expect(ProtectedRefs().trust(in: event("refs/heads/main", isWorkingTree: true)) == .ordinary)
    }

    @Test func `a run takes from those that are trusted as much or more`() {
        #expect(RefTrust.ordinary.readable == [.protected, .ordinary])
        #expect(RefTrust.protected.readable == [.protected])
    }

    private func event(_ ref: String, isWorkingTree: Bool = false) -> RunEvent {
        RunEvent(
            kind: .push,
            ref: ref,
            commit: nil,
            tree: .emptyTree,
            isWorkingTree: isWorkingTree,
            message: "",
            author: ""
        )
    }
}
