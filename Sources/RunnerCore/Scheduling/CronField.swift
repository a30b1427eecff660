/// One of the five fields, in their order.
enum CronField: CaseIterable {
    case minute, hour, day, month, weekday

    private var title: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of month"
        case .month: "month"
        case .weekday: "day of week"
        }
    }

    private var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        // Both 0 and 7 are Sunday.
        case .weekday: 0...7
        }
    }

    /// The first one stands for the lower end of `range`.
    private var names: [String] {
        switch self {
        case .minute, .hour, .day: []
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        }
    }

    /// The numbers that a list such as `1-5,*/10` means. A step without a range, as in `5/10`, goes on to the end.
    func values(of part: Substring) throws(TextProblem) -> Set<Int> {
        var values: Set<Int> = []
        for item in part.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = halves.count == 2 ? try step(of: halves[1]) : nil
            let bounds = try bounds(of: halves.first ?? item, in: item, isStepped: step != nil)
            values.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step ?? 1))
        }
        return values
    }

    private func step(of text: Substring) throws(TextProblem) -> Int {
        guard let step = Int(text), step > 0, step <= range.upperBound else {
            throw TextProblem("has a step \(String(text).quoted) in \(title), which must be a number above 0")
        }
        return step
    }

    private func bounds(
        of text: Substring,
        in item: Substring,
        isStepped: Bool
    ) throws(TextProblem) -> ClosedRange<Int> {
        if text == "*" { return range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(value)
        guard let first = ends.first ?? nil, let last = ends.last ?? nil else {
            let allowed = "\(range.lowerBound) to \(range.upperBound)"
            throw TextProblem("has \(String(item).quoted) as \(title), which must be \(allowed)")
        }
        guard first <= last else {
            throw TextProblem("has the range \(String(text).quoted) that ends before it starts")
        }
        return first...(ends.count == 1 && isStepped ? range.upperBound : last)
    }

    private func value(of text: Substring) -> Int? {
        if let index = names.firstIndex(of: text.lowercased()) { return index + range.lowerBound }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text) else { return nil }
        return range.contains(number) ? number : nil
    }
}
