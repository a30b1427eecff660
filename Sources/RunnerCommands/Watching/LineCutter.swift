/// Whole lines from pieces of any size. Memory is bounded by one line: a longer one comes in pieces.
struct LineCutter {
    private static let longestLine = 64 << 10
    private var rest: [UInt8] = []

    /// Bytes of the line that has not ended yet.
    var pending: Int { rest.count }

    /// Calls `body` with each line that is whole now, its end left away.
    mutating func take(_ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if rest.isEmpty {
                body(bytes[start..<end])
            } else {
                rest += bytes[start..<end]
                body(rest[...])
                rest = []
            }
            start = end + 1
        }
        rest += bytes[start...]
        if rest.count > Self.longestLine { finish(body) }
    }

    /// Calls `body` with what has no end.
    mutating func finish(_ body: (ArraySlice<UInt8>) -> Void) {
        guard !rest.isEmpty else { return }
        body(rest[...])
        rest = []
    }
}
