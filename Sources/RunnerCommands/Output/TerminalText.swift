/// Text that strangers wrote, made fit for a terminal: colours may stay, everything that moves the cursor, sets titles
/// or talks to the terminal goes.
enum TerminalText {
    private static let escape: UInt8 = 0x1b

    /// A line with its colour sequences and nothing else of control.
    static func colored(_ line: some Collection<UInt8>) -> [UInt8] { clean(line, keepsColor: true) }

    /// A line without any control.
    static func plain(_ line: some Collection<UInt8>) -> String {
        String(decoding: clean(line, keepsColor: false), as: UTF8.self)
    }

    private static func clean(_ line: some Collection<UInt8>, keepsColor: Bool) -> [UInt8] {
        let bytes = Array(line)
        // After a carriage return a terminal would write over the line: the last state is what it showed.
        let start = bytes.dropLast(bytes.last == 13 ? 1 : 0).lastIndex(of: 13).map { $0 + 1 } ?? 0
        var clean: [UInt8] = []
        clean.reserveCapacity(bytes.count)
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte == escape {
                let end = sequenceEnd(bytes, from: index)
                if keepsColor, isColor(bytes[index..<end]) { clean += bytes[index..<end] }
                index = end
                continue
            }
            // U+0080 to U+009F: some terminals take them for ESC and a letter.
            if byte == 0xc2, index + 1 < bytes.count, (0x80...0x9f).contains(bytes[index + 1]) {
                index += 2
                continue
            }
            if byte >= 0x20 && byte != 0x7f || byte == 0x09 { clean.append(byte) }
            index += 1
        }
        return clean
    }

    /// CSI sequences that end in `m` and hold only numbers.
    private static func isColor(_ sequence: ArraySlice<UInt8>) -> Bool {
        guard sequence.count >= 3, sequence.dropFirst().first == UInt8(ascii: "["), sequence.last == UInt8(ascii: "m")
        else {
            return false
        }
        return sequence.dropFirst(2).dropLast().allSatisfy { (48...59).contains($0) }
    }

    private static func sequenceEnd(_ bytes: [UInt8], from start: Int) -> Int {
        guard start + 1 < bytes.count else { return bytes.count }
        switch bytes[start + 1] {
        case UInt8(ascii: "["):
            let end = bytes[(start + 2)...].firstIndex { (0x40...0x7e).contains($0) }
            return end.map { $0 + 1 } ?? bytes.count
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
            // Strings to the terminal end with BEL or ESC \.
            let end = bytes[(start + 2)...].firstIndex { $0 == 0x07 || $0 == escape }
            guard let end else { return bytes.count }
            return min(bytes.count, bytes[end] == 0x07 ? end + 1 : end + 2)
        default: return min(bytes.count, start + 2)
        }
    }
}
