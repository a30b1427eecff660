/// Prometheus text 0.0.4.
struct MetricText {
    private(set) var text = ""

    mutating func begin(_ name: String, _ kind: String, help: String? = nil) {
        let name = Self.name(name)
        let help = help ?? MetricCatalog.help[name] ?? "Counted by the runner."
        text += "# HELP \(name) \(Self.escaped(help, quote: false))\n# TYPE \(name) \(kind)\n"
    }

    mutating func add(_ name: String, _ labels: Labels, _ value: String) {
        text += "\(Self.name(name))\(Self.braces(labels.pairs)) \(value)\n"
    }

    mutating func add(_ name: String, _ labels: Labels, _ reading: HistogramInstrument.Reading) {
        let bounds = MetricCatalog.buckets.map(Self.number) + ["+Inf"]
        for (bound, count) in zip(bounds, reading.counts + [reading.count]) {
            let pairs = labels.pairs + [Labels.Pair(name: "le", value: bound)]
            text += "\(Self.name(name))_bucket\(Self.braces(pairs)) \(count)\n"
        }
        text += "\(Self.name(name))_sum\(Self.braces(labels.pairs)) \(Self.number(reading.sum))\n"
        text += "\(Self.name(name))_count\(Self.braces(labels.pairs)) \(reading.count)\n"
    }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func braces(_ pairs: [Labels.Pair]) -> String {
        guard !pairs.isEmpty else { return "" }
        return "{" + pairs.map { "\(name($0.name))=\"\(escaped($0.value, quote: true))\"" }.joined(separator: ",") + "}"
    }

    /// Letters, digits and `_`; not a digit first.
    private static func name(_ text: String) -> String {
        let safe = String(
            text.unicodeScalars.map { scalar -> Character in
                let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                return isPlain ? Character(scalar) : "_"
            }
        )
        return safe.first?.isNumber ?? true ? "_\(safe)" : safe
    }

    private static func escaped(_ text: String, quote: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quote: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
