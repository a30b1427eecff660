import Glibc

/// The lines of a stream that hold a text. Memory is bounded: a longer line counts as several.
struct LineSearch {
    private let text: [UInt8]
    private var rest: [UInt8] = []
    /// Of the first byte of `rest`.
    private var offset: Int64

    private static let longestLine = 1 << 20

    /// - Parameter offset: Of the first byte that will come.
    init(_ text: String, from offset: Int64 = 0) {
        self.text = Array(text.utf8)
        self.offset = offset
    }

    /// The lines that a piece completes, without their ends. False from `found` ends the search.
    mutating func take(_ piece: [UInt8], _ found: (_ offset: Int64, _ line: ArraySlice<UInt8>) -> Bool) {
        rest += piece
        var end = rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        if end == 0, rest.count > Self.longestLine { end = rest.count }
        look(in: rest[..<end], found)
        rest.removeFirst(end)
        offset += Int64(end)
    }

    /// The last line, which has no end.
    mutating func finish(_ found: (_ offset: Int64, _ line: ArraySlice<UInt8>) -> Bool) {
        look(in: rest[...], found)
        rest = []
    }

    private func look(in lines: ArraySlice<UInt8>, _ found: (Int64, ArraySlice<UInt8>) -> Bool) {
        var position = lines.startIndex
        while let hit = Self.find(text, in: lines[position...]) {
            let newline = UInt8(ascii: "\n")
            let start = lines[position..<hit].lastIndex(of: newline).map { $0 + 1 } ?? position
            let end = lines[hit...].firstIndex(of: newline) ?? lines.endIndex
            guard found(offset + Int64(start), lines[start..<end]), end < lines.endIndex else { return }
            position = end + 1
        }
    }

    private static func find(_ text: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = text.first, bytes.count >= text.count else { return nil }
        let found: Int? = bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return nil }
            let last = bytes.count - text.count
            var position = 0
            while position <= last, let hit = memchr(start + position, Int32(first), last - position + 1) {
                position = UnsafeRawPointer(hit) - start
                if memcmp(hit, text, text.count) == 0 { return position }
                position += 1
            }
            return nil
        }
        return found.map { bytes.startIndex + $0 }
    }
}
