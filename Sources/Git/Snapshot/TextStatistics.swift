/// What git looks at to tell text from other content, collected from pieces.
struct TextStatistics {
    private var counts = [Int](repeating: 0, count: 256)
    private var lineEnds = LineEnds.Count()
    private var last: UInt8?

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        lineEnds.add(piece)
        last = piece.last ?? last
        counts.withUnsafeMutableBufferPointer { counts in
            for byte in piece { counts[Int(byte)] += 1 }
        }
    }

    var hasLineEndPairs: Bool { lineEnds.pairs > 0 }

    /// By the rule of git: a zero, a return without a line feed, or more than one odd byte in 128.
    var isBinary: Bool {
        if counts[0] > 0 || counts[Int(UInt8(ascii: "\r"))] > lineEnds.pairs { return true }
        var odd = counts[127]
        var printable = counts[32...].reduce(0, +) - odd
        for byte in 0..<32 where byte != 10 && byte != 13 {
            // Backspace, tab, form feed and escape are found in text.
            if [8, 9, 12, 27].contains(byte) { printable += counts[byte] } else { odd += counts[byte] }
        }
        // The mark that old systems put at the end of a file.
        if last == 26 { odd -= 1 }
        return printable >> 7 < odd
    }
}
