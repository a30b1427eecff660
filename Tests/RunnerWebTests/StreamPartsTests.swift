import FoundationEssentials
import RunnerAPI
import Testing

@testable import RunnerWeb

@Suite struct StreamPartsTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func `events are taken out of pieces of any size`(size: Int) {
        let text = ": hello\n\nid: 4\nevent: text\ndata: \"a\"\n\nid: 9\r\ndata: one\r\ndata: two\r\n\r\nid: 10\n\n"
        var parser = EventStreamParser()
        var events: [ServerEvent] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += parser.take(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(
            events == [
                ServerEvent(id: "4", name: "text", data: "\"a\""),
                ServerEvent(id: "9", name: "message", data: "one\ntwo"),
            ]
        )
    }

    static let chunks: [(bytes: [UInt8], isLast: Bool, name: String?, count: Int)] = [
        ([], true, nil, 0), (Array("abc".utf8), false, "text", 3), (Array("é".utf8), false, "text", 2),
        (Array("aé".utf8.dropLast()), false, "text", 1), (Array("é".utf8.dropLast()), false, nil, 0),
        (Array("é".utf8.dropLast()), true, "bytes", 1), (Array("😀".utf8.prefix(3)), false, nil, 0),
        (Array("a😀".utf8.dropLast()), false, "text", 1), ([0xFF], false, "bytes", 1),
        ([0x61, 0xFF, 0x62], false, "bytes", 3), ([0x80, 0x80, 0x80, 0x80], false, "bytes", 4),
        ([0x61, 0xC3, 0xC3], false, "bytes", 3),
    ]

    @Test(arguments: chunks)
    func `a piece is text where it can be, and waits for whole characters`(
        bytes: [UInt8],
        isLast: Bool,
        name: String?,
        count: Int
    ) throws {
        let chunk = try LogChunk(bytes, isLast: isLast)
        #expect(chunk?.name == name)
        #expect(chunk?.count ?? 0 == count)
        if let chunk, chunk.name == "bytes" { #expect(Data(base64Encoded: chunk.data) == Data(bytes)) }
    }

    @Test(arguments: [1, 2, 5, 100])
    func `lines are found in pieces of any size, with their offsets`(size: Int) {
        var search = LineSearch("ab")
        var found: [String] = []
        func take(_ offset: Int64, _ line: ArraySlice<UInt8>) -> Bool {
            found.append("\(offset) \(String(decoding: line, as: UTF8.self))")
            return true
        }
        var rest = Array("xab\naab abab\n\nxa\nb\nab".utf8)[...]
        while !rest.isEmpty {
            search.take(Array(rest.prefix(size)), take)
            rest = rest.dropFirst(size)
        }
        search.finish(take)
        #expect(found == ["0 xab", "4 aab abab", "19 ab"])
    }

    @Test func `a line without an end does not fill the memory`() {
        var search = LineSearch("needle")
        var found = 0
        for _ in 0..<40 { search.take([UInt8](repeating: 0x78, count: 64 << 10)) { _, _ in true } }
        search.take(Array("needle\n".utf8)) { _, line in
            found += 1
            return line.count < 2 << 20
        }
        #expect(found == 1)
    }
}
