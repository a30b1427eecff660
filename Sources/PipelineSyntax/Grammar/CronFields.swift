import RunnerCore

/// The five fields of a schedule: minute, hour, day of month, month, day of week.
enum CronFields {
    private struct Field {
        var title: String
        var range: ClosedRange<Int>
        var names: [String] = []
        /// The number of the first name.
        var firstName = 0
    }

    private static let fields = [
        Field(title: "minute", range: 0...59),
        Field(title: "hour", range: 0...23),
        Field(title: "day of month", range: 1...31),
        Field(
            title: "month",
            range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
            firstName: 1
        ),
        // Both 0 and 7 are Sunday.
        Field(title: "day of week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    static func problem(in text: String) -> Problem? {
        let parts = text.split { $0 == " " || $0 == "\t" }
        guard parts.count == fields.count else {
            let hint = text.hasPrefix("@") ? "short names are not known; write `0 0 * * *` for every midnight" : nil
            return Problem("must have five fields, found \(parts.count) in \(text.quoted)", hint: hint)
        }
        for (part, field) in zip(parts, fields) {
            guard let message = problem(in: part, field) else { continue }
            return Problem(message, offset: text.distance(from: text.startIndex, to: part.startIndex))
        }
        return nil
    }

    private static func problem(in part: Substring, _ field: Field) -> String? {
        for item in part.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2 {
                guard let step = Int(halves[1]), step > 0, step <= field.range.upperBound else {
                    return "has a step \(String(halves[1]).quoted) in \(field.title), which must be a number above 0"
                }
            }
            guard let range = halves.first, range != "*" else { continue }
            let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let values = ends.map { value(of: $0, field) }
            guard values.allSatisfy({ $0 != nil }), let first = values.first ?? nil, let last = values.last ?? nil
            else {
                let allowed = "\(field.range.lowerBound) to \(field.range.upperBound)"
                return "has \(String(item).quoted) as \(field.title), which must be \(allowed)"
            }
            guard first <= last else { return "has the range \(String(range).quoted) that ends before it starts" }
        }
        return nil
    }

    private static func value(of text: Substring, _ field: Field) -> Int? {
        if let index = field.names.firstIndex(of: text.lowercased()) { return index + field.firstName }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text) else { return nil }
        return field.range.contains(number) ? number : nil
    }
}
