import FoundationEssentials

/// How sizes and times are said.
enum Words {
    /// `512 B`, `1.5 GiB`.
    static func bytes(_ bytes: Int64) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 { return "\(number(value)) \(unit)" }
            value /= 1024
        }
        return "\(number(value)) TiB"
    }

    static func duration(_ duration: Duration) -> String { self.duration(TimeInterval(duration.components.seconds)) }

    /// `12 d`, `3 h`, `40 s`.
    static func duration(_ seconds: TimeInterval) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(seconds / 86_400)) d"
        }
    }

    static func time(_ time: Date) -> String { time.formatted(.iso8601) }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 || tenths >= 1000 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
