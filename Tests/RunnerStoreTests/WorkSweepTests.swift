import SystemPackage
import Testing

@testable import RunnerStore

@Suite struct WorkSweepTests {
    @Test(arguments: [
        "layers/trees", "layers/caches/entries", "layers/caches/keys", "artifacts/trees", "artifacts/blobs/ab",
        "repositories",
    ])
    func `what a killed maker left aside goes after a day`(_ folder: String) throws {
        let scratch = try Scratch()
        let state = StateDirectory(scratch.path)
        try state.prepare()
        for name in [".made", "kept"] { _ = try scratch.directory("\(folder)/\(name)", ["files/a": "a"]) }
        let names = { FileSystem.names(in: scratch.path.pushing(FilePath(folder))) }
        #expect(WorkSweep(state, keep: .seconds(1)).run().isEmpty)
        #expect(names() == [".made", "kept"])
        #expect(WorkSweep(state, keep: .seconds(1), making: .seconds(-1)).run().isEmpty)
        #expect(names() == ["kept"])
    }
}
