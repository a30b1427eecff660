import RunnerStore
import SystemPackage
import Testing

@testable import RunnerExecution

@Suite struct LogIndexTests {
    private let scratch: Scratch
    private let log: FilePath

    init() throws {
        scratch = try Scratch()
        log = scratch.path.appending("01-unit.log")
    }

    private func write(_ entries: [(offset: Int64, time: Int64)], rest: [UInt8] = []) throws {
        let bytes = entries.flatMap { entry in
            [entry.offset, entry.time].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
        }
        try FileSystem.write(bytes + rest, to: LogIndex.path(of: log))
    }

    @Test(arguments: [(0, nil), (9, nil), (10, 1000), (19, 1000), (20, 2000), (29, 2000), (30, 3000), (1 << 40, 3000)])
    func `a byte came when its piece came`(_ offset: Int64, _ time: Int64?) throws {
        try write([(10, 1000), (20, 2000), (30, 3000)])
        #expect(try LogIndex(ofLog: log).time(at: offset) == time)
    }

    @Test func `a log without an index has no times`() throws {
        let index = try LogIndex(ofLog: log)
        #expect(index.entries.isEmpty && index.time(at: 0) == nil)
    }

    @Test func `an entry that was cut off does not count`() throws {
        try write([(0, 1000)], rest: [1, 2, 3])
        #expect(try LogIndex(ofLog: log).entries == [LogIndex.Entry(offset: 0, milliseconds: 1000)])
    }

    @Test func `a writer's index fits its log`() throws {
        let before = LogIndex.now()
        let writer = try LogWriter(log, secrets: SecretPatterns(["secret-value"]), limit: 1 << 20)
        for piece in ["first line\n", "a secret-", "value and more\n"] {
            try Array(piece.utf8).withUnsafeBytes { try writer.append($0) }
        }
        try writer.finish()
        let text = try FileSystem.read(log).map { String(decoding: $0, as: UTF8.self) }
        #expect(text == "first line\na *** and more\n")
        let index = try LogIndex(ofLog: log)
        #expect(index.entries.first?.offset == 0)
        #expect(index.entries.map(\.offset) == index.entries.map(\.offset).sorted())
        #expect(try #require(index.time(at: 24)) >= before)
    }

    @Test(arguments: [
        (10, "0123456789\n[runner: 3 bytes dropped: the log is limited to 10 bytes]\n"), (13, "0123456789abc"),
    ])
    func `a log stops at its limit and says so`(_ limit: Int64, _ expected: String) throws {
        let writer = try LogWriter(log, secrets: SecretPatterns([String]()), limit: limit)
        for piece in ["0123", "456789ab", "c"] {
            try Array(piece.utf8).withUnsafeBytes { try writer.append($0) }
        }
        try writer.finish()
        #expect(try FileSystem.read(log).map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
