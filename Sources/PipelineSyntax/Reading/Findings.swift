import RunnerCore

/// Collects what is wrong with the files of one parse, up to a limit that keeps broken input quick.
struct Findings {
    static let limit = 100

    private(set) var list: [Diagnostic] = []

    var isFull: Bool { list.count >= Self.limit }
    var hasErrors: Bool { list.contains { $0.severity == .error } }

    mutating func error(_ message: String, at location: SourceLocation, hint: String? = nil) {
        add(Diagnostic(.error, at: location, message, hint: hint))
    }

    mutating func warning(_ message: String, at location: SourceLocation, hint: String? = nil) {
        add(Diagnostic(.warning, at: location, message, hint: hint))
    }

    private mutating func add(_ diagnostic: Diagnostic) {
        // One value may be reached twice, by an alias or a merge.
        guard !isFull, !list.contains(diagnostic) else { return }
        list.append(diagnostic)
        guard isFull else { return }
        list.append(
            Diagnostic(.error, at: diagnostic.location, "more than \(Self.limit) findings; the rest is not shown")
        )
    }

    /// By file, line and column; findings at one place stay in the order in which they were made.
    var sorted: [Diagnostic] {
        list.enumerated().sorted { left, right in
            let (a, b) = (left.element.location, right.element.location)
            return (a.file, a.line, a.column, left.offset) < (b.file, b.line, b.column, right.offset)
        }.map(\.element)
    }
}

extension Collection where Element == String {
    /// `did you mean ...?` for `name`; comparing with very many names would cost seconds.
    func hint(for name: String) -> String? { nearest(to: name).map { "did you mean `\($0)`?" } }

    func nearest(to name: String) -> String? {
        count > 500 ? nil : DidYouMean.suggestion(for: name, among: sorted())
    }

    /// `a`, `b` or `c`.
    var alternatives: String {
        let all = map { "`\($0)`" }
        guard let last = all.last, all.count > 1 else { return all.first ?? "" }
        return all.dropLast().joined(separator: ", ") + " or " + last
    }
}
