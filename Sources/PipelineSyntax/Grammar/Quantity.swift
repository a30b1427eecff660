import RunnerCore

/// Durations and sizes as people write them.
enum Quantity {
    private static let durationUnits: [(unit: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]
    private static let sizeUnits: [String: Int64] = [
        "": 1, "B": 1,
        "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
        "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]
    /// A hundred years.
    private static let longest: Int64 = 36_500 * 86_400

    /// `1h30m`: whole numbers with units, the larger first, each once. `0` needs no unit.
    static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var units = durationUnits[...]
        var seconds: Int64 = 0
        var rest = text[...]
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let number = Int64(digits), number <= longest, let letter = rest.popFirst(),
                let unit = units.firstIndex(where: { $0.unit == letter })
            else { return nil }
            seconds += number * units[unit].seconds
            units = units[(unit + 1)...]
        } while !rest.isEmpty
        return seconds <= longest ? .seconds(seconds) : nil
    }

    static func durationProblem(in text: String) -> Problem? {
        guard duration(text) == nil else { return nil }
        var hint: String?
        if Int(text) != nil { hint = "write the unit: `\(text)s` or `\(text)m`" }
        if text.contains(".") { hint = "write whole numbers: `1h30m` for `1.5h`" }
        if text.contains(" ") { hint = "write it without spaces" }
        return ScalarKind.duration.mismatch(text, hint: hint)
    }

    /// Above 0, with at most one point: `2` or `0.5`, not `inf`, `1e3` or `02`.
    static func number(_ text: String) -> Double? {
        let isDecimal = text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        let hasLeadingZero = text.hasPrefix("0") && !text.hasPrefix("0.")
        guard isDecimal, !hasLeadingZero, text.count <= 12, let value = Double(text), value > 0 else { return nil }
        return value
    }

    /// `2%` or `0.5%` as a share of 1, at most all of it.
    static func share(_ text: String) -> Double? {
        guard text.hasSuffix("%") else { return nil }
        let digits = String(text.dropLast())
        guard let percent = digits == "0" ? 0 : number(digits), percent <= 100 else { return nil }
        return percent / 100
    }

    /// Any number with at most one point: `-1`, `0` or `0.5`, not `.5`, `1e3` or `02`.
    static func decimal(_ text: String) -> Double? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { $0.isASCII && $0.isNumber } }
        guard isPlain, let whole = parts.first, whole == "0" || !whole.hasPrefix("0"), text.utf8.count <= 16 else {
            return nil
        }
        return Double(text)
    }

    /// `2` or `25%`, at most 1000 targets.
    static func portion(_ text: String) -> RolloutStrategy.Portion? {
        let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), !digits.hasPrefix("0"), let number = Int(digits) else {
            return nil
        }
        guard digits.count < text.count else { return number <= 1_000 ? .count(number) : nil }
        return number <= 100 ? .percent(number) : nil
    }

    /// In bytes.
    static func size(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), let unit = sizeUnits[String(text.dropFirst(digits.count))] else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : bytes
    }

    static func sizeProblem(in text: String) -> Problem? {
        guard size(text) == nil else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let letter = text.dropFirst(digits.count).drop { $0 == " " }.first?.uppercased() ?? ""
        let isNear = !digits.isEmpty && ["K", "M", "G", "T"].contains(letter) && digits.count < 10
        return ScalarKind.size.mismatch(text, hint: isNear ? "did you mean `\(digits)\(letter)iB`?" : nil)
    }
}
