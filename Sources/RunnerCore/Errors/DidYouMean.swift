/// Finds the name that a person may have meant.
package enum DidYouMean {
    /// Longer names are no typing errors, and would cost time.
    private static let longest = 64

    /// The nearest of `candidates`, or `nil` where none is near: at most one typing error in three characters, and
    /// never more than four. Case counts half. The first of equally near ones wins.
    package static func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(longest + 1))
        guard !wanted.isEmpty, wanted.count <= longest else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates where candidate != name {
            let scalars = Array(candidate.lowercased().unicodeScalars.prefix(longest + 1))
            let allowed = min(4, max(1, min(wanted.count, scalars.count) / 3))
            guard scalars.count <= longest, abs(scalars.count - wanted.count) <= allowed else { continue }
            // Two letters that share nothing are one typing error apart from everything short.
            guard wanted.count > 1 || scalars == wanted else { continue }
            let distance = distance(wanted, scalars)
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// As `did you mean `NAME`?`, for a hint.
    package static func hint(for name: String, among candidates: some Sequence<String>) -> String? {
        suggestion(for: name, among: candidates).map { "did you mean `\($0)`?" }
    }

    /// Insertions, deletions, changes and swaps of neighbours: the optimal string alignment distance.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, scalar) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (scalar == other ? 0 : 1))
                if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
