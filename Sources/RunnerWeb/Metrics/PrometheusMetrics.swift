package import Metrics
import Synchronization

/// Numbers of this process as Prometheus text 0.0.4: what swift-metrics counts, for `MetricsSystem.bootstrap`.
package final class PrometheusMetrics: MetricsFactory, Sendable {
    private enum Family {
        case counter([Labels: CounterInstrument])
        case gauge([Labels: GaugeInstrument])
        case histogram([Labels: HistogramInstrument])
    }

    private let families = Mutex<[String: Family]>([:])

    /// Of one name. What comes after them is counted together, so that a label with many values cannot fill the memory.
    private static let mostSeries = 1000

    package init() {}

    // MARK: - Making

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, Labels(dimensions))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, Labels(dimensions))
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, Labels(dimensions)) : gauge(label, Labels(dimensions))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, Labels(dimensions))
    }

    // What has been counted stays counted.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ name: String, _ labels: Labels) -> CounterInstrument {
        families.withLock { families in
            var known: [Labels: CounterInstrument] = [:]
            if let family = families[name] {
                // A name of another kind: counted, and shown nowhere.
                guard case .counter(let series) = family else { return CounterInstrument() }
                known = series
            }
            let instrument = Self.instrument(labels, &known, CounterInstrument())
            families[name] = .counter(known)
            return instrument
        }
    }

    private func gauge(_ name: String, _ labels: Labels) -> GaugeInstrument {
        families.withLock { families in
            var known: [Labels: GaugeInstrument] = [:]
            if let family = families[name] {
                guard case .gauge(let series) = family else { return GaugeInstrument() }
                known = series
            }
            let instrument = Self.instrument(labels, &known, GaugeInstrument())
            families[name] = .gauge(known)
            return instrument
        }
    }

    private func histogram(_ name: String, _ labels: Labels) -> HistogramInstrument {
        families.withLock { families in
            var known: [Labels: HistogramInstrument] = [:]
            if let family = families[name] {
                guard case .histogram(let series) = family else { return HistogramInstrument() }
                known = series
            }
            let instrument = Self.instrument(labels, &known, HistogramInstrument())
            families[name] = .histogram(known)
            return instrument
        }
    }

    private static func instrument<I>(_ labels: Labels, _ series: inout [Labels: I], _ new: @autoclosure () -> I) -> I {
        let labels = series[labels] != nil || series.count < mostSeries ? labels : labels.others
        if let known = series[labels] { return known }
        let instrument = new()
        series[labels] = instrument
        return instrument
    }

    // MARK: - Showing

    /// Everything, with numbers that were read now.
    func text(with gauges: [GaugeReading]) -> String {
        var text = MetricText()
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            switch family {
            case .counter(let series):
                text.begin(name, "counter")
                for (labels, counter) in series { text.add(name, labels, "\(counter.value)") }
            case .gauge(let series):
                text.begin(name, "gauge")
                for (labels, gauge) in series { text.add(name, labels, MetricText.number(gauge.value)) }
            case .histogram(let series):
                text.begin(name, "histogram")
                for (labels, histogram) in series { text.add(name, labels, histogram.reading) }
            }
        }
        for gauge in gauges {
            text.begin(gauge.name, gauge.kind.rawValue, help: gauge.help)
            for (labels, value) in gauge.values { text.add(gauge.name, labels, MetricText.number(value)) }
        }
        return text.text
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// Methods are the caller's words: those that nobody means are one.
    func countRequest(method: String, status: Int) {
        let labels = Labels([("method", Self.methods.contains(method) ? method : "other"), ("status", "\(status)")])
        counter("runner_http_requests_total", labels).increment(by: 1)
    }
}
