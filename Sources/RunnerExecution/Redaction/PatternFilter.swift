/// Tells quickly where no pattern can start, by looking only at every `stride`-th place of the input.
///
/// Any `stride` neighbouring starts of a pattern put one of the pattern's first `stride` four-byte windows on a
/// fixed place. A bitmap holds the hashes of those windows; a place whose window is not in it rules out
/// `stride` starts at once. Probes do not depend on each other, so they overlap in the processor.
struct PatternFilter: Sendable {
    /// The bytes of one window: no pattern may be shorter.
    static let window = 4
    /// More would put more windows into the bitmap without saving time: memory is the limit from here on.
    private static let longestStride = 8
    /// Bits of the bitmap per window: about 1 of 64 random places is a false alarm.
    private static let bitsPerWindow = 64

    let stride: Int
    private let shift: UInt32
    private let bitmap: [UInt64]

    /// Prepares the bitmap for patterns of at least `window` bytes.
    init(_ patterns: [[UInt8]]) {
        let shortest = patterns.map(\.count).min() ?? Self.window
        let stride = min(shortest - Self.window + 1, Self.longestStride)
        var bits: UInt32 = 13
        while bits < 23, (1 << bits) < patterns.count * stride * Self.bitsPerWindow { bits += 1 }
        let shift = 32 - bits
        var bitmap = [UInt64](repeating: 0, count: 1 << (bits - 6))
        for pattern in patterns {
            pattern.withUnsafeBytes { bytes in
                for offset in 0..<stride {
                    let hash = Self.hash(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self), shift)
                    bitmap[Int(hash >> 6)] |= 1 << UInt64(hash & 63)
                }
            }
        }
        self.stride = stride
        self.shift = shift
        self.bitmap = bitmap
    }

    func withProbe<Result>(_ body: (Probe) -> Result) -> Result {
        bitmap.withUnsafeBufferPointer { words in
            body(Probe(words: words, stride: stride, shift: shift))
        }
    }

    @inline(__always)
    private static func hash(_ window: UInt32, _ shift: UInt32) -> UInt32 {
        (window &* 0x9E37_79B1) &>> shift
    }

    /// The filter while its memory is pinned.
    struct Probe {
        let words: UnsafeBufferPointer<UInt64>
        let stride: Int
        let shift: UInt32

        /// Looks for the first start at or after `start` that cannot be ruled out.
        ///
        /// - Returns: that start, and the place that gave the alarm; `bytes.count` as the place where too few
        ///   bytes are left to tell.
        @inline(__always)
        func nextStart(in bytes: UnsafeRawBufferPointer, from start: Int) -> (start: Int, alarm: Int) {
            let step = stride
            let last = bytes.count - PatternFilter.window
            var place = start + step - 1
            while place + 3 * step <= last {
                let hits =
                    test(bytes, place) | test(bytes, place + step)
                    | test(bytes, place + 2 * step) | test(bytes, place + 3 * step)
                if hits & 1 != 0 { break }
                place += 4 * step
            }
            while place <= last {
                if test(bytes, place) & 1 != 0 { return (place - step + 1, place) }
                place += step
            }
            return (place - step + 1, bytes.count)
        }

        @inline(__always)
        private func test(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
            let hash = PatternFilter.hash(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self), shift)
            return words[Int(hash &>> 6)] &>> UInt64(hash & 63)
        }
    }
}
