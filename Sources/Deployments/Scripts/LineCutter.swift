/// Cuts what a program prints into lines. Longer ones than a person reads are cut, too.
struct LineCutter {
    private static let longest = 8 << 10

    private var line: [UInt8] = []

    mutating func take(_ bytes: ArraySlice<UInt8>, _ each: (String) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                finish(each)
            } else {
                line.append(byte)
                if line.count == Self.longest { finish(each) }
            }
        }
    }

    /// What has no line end.
    mutating func finish(_ each: (String) -> Void) {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        each(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
    }

    mutating func finishRest(_ each: (String) -> Void) {
        if !line.isEmpty { finish(each) }
    }
}
