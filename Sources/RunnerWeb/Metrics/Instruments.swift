import Metrics
import Synchronization

/// Names and values that tell the series of one metric apart.
struct Labels: Sendable, Hashable {
    let pairs: [Pair]

    struct Pair: Sendable, Hashable {
        let name: String
        let value: String
    }

    init(_ pairs: [(String, String)]) { self.pairs = pairs.map { Pair(name: $0.0, value: $0.1) } }

    /// For series that there are too many of.
    var others: Labels { Labels(pairs.map { ($0.name, "other") }) }
}

final class CounterInstrument: CounterHandler, Sendable {
    private let count = Mutex<Int64>(0)

    var value: Int64 { count.withLock { $0 } }

    func increment(by amount: Int64) { count.withLock { $0 &+= amount } }

    func reset() { count.withLock { $0 = 0 } }
}

final class GaugeInstrument: MeterHandler, RecorderHandler, Sendable {
    private let current = Mutex<Double>(0)

    var value: Double { current.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

final class HistogramInstrument: RecorderHandler, TimerHandler, Sendable {
    struct Reading: Sendable {
        /// Of each bucket and those below it, as `MetricCatalog.buckets` has them.
        var counts = [Int64](repeating: 0, count: MetricCatalog.buckets.count)
        var count: Int64 = 0
        var sum: Double = 0
    }

    private let state = Mutex(Reading())

    var reading: Reading { state.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            for (index, bound) in MetricCatalog.buckets.enumerated() where value <= bound { state.counts[index] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
