/// Ranges of positions in order, where ranges that overlap or touch are one.
struct SpanList: Sendable {
    private(set) var spans: [Range<Int>] = []

    /// Adds a range that ends at or after the end of all others.
    mutating func add(_ start: Int, _ end: Int) {
        var start = start
        while let last = spans.last, last.upperBound >= start {
            start = min(start, last.lowerBound)
            spans.removeLast()
        }
        spans.append(start..<end)
    }

    /// Forgets all positions before `boundary` and counts the others from there.
    mutating func rebase(to boundary: Int) {
        guard !spans.isEmpty else { return }
        spans = spans.compactMap { span in
            guard span.upperBound > boundary else { return nil }
            return max(span.lowerBound - boundary, 0)..<(span.upperBound - boundary)
        }
    }
}
