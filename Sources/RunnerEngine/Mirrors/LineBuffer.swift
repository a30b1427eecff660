/// Bytes as they come, lines as they are complete.
struct LineBuffer {
    private var bytes: [UInt8] = []
    /// Up to here there is no line's end.
    private var searched = 0

    mutating func add(_ more: ArraySlice<UInt8>) { bytes += more }

    /// The next complete line, without its end.
    mutating func next() -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            return nil
        }
        let line = Array(bytes[..<end])
        bytes.removeFirst(end + 1)
        searched = 0
        return line
    }
}
