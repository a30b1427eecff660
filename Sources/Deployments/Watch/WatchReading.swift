/// One look at a number.
package enum WatchReading: Sendable, Hashable, Codable {
    /// Never NaN.
    case value(Double)
    /// There was an answer, and no number in it.
    case noData(String)
    /// There was no answer that could be understood.
    case failed(String)

    /// What is no number is no data: 0 requests of 0 say nothing about errors.
    init(_ number: Double) { self = number.isNaN ? .noData("NaN") : .value(number) }

    /// The number, or why there is none.
    package var words: String {
        switch self {
        case .value(let value): Self.words(value)
        case .noData(let reason): "no data: \(reason)"
        case .failed(let reason): "no answer: \(reason)"
        }
    }

    /// A number for a person: four digits that count.
    static func words(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var (scale, size) = (1.0, abs(value))
        while size < 1000, scale < 1e12 { (scale, size) = (scale * 10, size * 10) }
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }
}
