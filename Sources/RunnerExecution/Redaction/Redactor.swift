/// Replaces the secrets in one stream of bytes by `***` while the stream passes through.
///
/// What may still become a secret is held back, nothing else: a prompt without a line end gets through at once.
/// Matches that overlap or touch become one mask. Memory is bounded by the longest pattern, time is linear.
/// Bytes that are not secret are passed on from the caller's own buffer, without a copy.
package struct Redactor: Sendable {
    /// A chunk is searched in pieces of this size, so that the list of matches stays short.
    private static let pieceSize = 256 * 1024
    private static let mask: StaticString = "***"

    private let patterns: SecretPatterns
    private var state: UInt32 = 0
    /// The last bytes of the stream: the start of at least one pattern.
    private var held: [UInt8] = []
    /// Matches that reach into the held bytes, counted from the first of them.
    private var matches = SpanList()
    /// Whether the last thing passed on was a mask, which a match right after it belongs to.
    private var isMasking = false

    /// Starts a stream.
    package init(_ patterns: SecretPatterns) {
        self.patterns = patterns
    }

    /// How many bytes are held back because they may be the start of a secret.
    package var heldCount: Int { held.count }

    /// Reads the next bytes of the stream and passes on what is settled, in order, in any number of calls.
    ///
    /// - Throws: what `output` throws; the stream cannot go on after that.
    package mutating func redact<Failure: Error>(
        _ chunk: UnsafeRawBufferPointer,
        into output: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        guard let search = patterns.search else {
            if !chunk.isEmpty { try output(chunk) }
            return
        }
        var rest = chunk
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceSize))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Self.pieceSize))
            search.read(piece, state: &state, offset: held.count, spans: &matches)
            try release(piece, keeping: search.depth(of: state), into: output)
        }
    }

    /// Passes on what is held back and ends the stream; the redactor is then ready for another one.
    ///
    /// Calling it before the end of a stream would tear a secret apart: half of it would pass.
    ///
    /// - Throws: what `output` throws.
    package mutating func finish<Failure: Error>(
        into output: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try release(UnsafeRawBufferPointer(start: nil, count: 0), keeping: 0, into: output)
        state = 0
        isMasking = false
    }

    /// Passes on all of the held bytes and the piece but the last `kept` bytes, which become the held ones.
    private mutating func release<Failure: Error>(
        _ piece: UnsafeRawBufferPointer,
        keeping kept: Int,
        into output: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let boundary = held.count + piece.count - kept
        var passed = 0
        for match in matches.spans where match.lowerBound < boundary {
            try pass(passed..<match.lowerBound, of: piece, into: output)
            if !isMasking {
                try output(UnsafeRawBufferPointer(start: Self.mask.utf8Start, count: Self.mask.utf8CodeUnitCount))
                isMasking = true
            }
            passed = min(match.upperBound, boundary)
        }
        try pass(passed..<boundary, of: piece, into: output)
        matches.rebase(to: boundary)
        if kept <= piece.count {
            held.removeAll(keepingCapacity: true)
            held.append(contentsOf: piece.suffix(kept))
        } else {
            held.removeFirst(boundary)
            held.append(contentsOf: piece)
        }
    }

    /// Passes on a range of the held bytes followed by the piece.
    private mutating func pass<Failure: Error>(
        _ range: Range<Int>,
        of piece: UnsafeRawBufferPointer,
        into output: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        guard !range.isEmpty else { return }
        isMasking = false
        let before = held.count
        if range.lowerBound < before {
            let part = range.clamped(to: 0..<before)
            try held.withUnsafeBufferPointer { bytes throws(Failure) in
                try output(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[part])))
            }
        }
        if range.upperBound > before {
            let part = max(range.lowerBound - before, 0)..<(range.upperBound - before)
            try output(UnsafeRawBufferPointer(rebasing: piece[part]))
        }
    }
}
