import Synchronization

/// A bucket of requests per client, which fills again with time.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: ContinuousClock.Instant
    }

    /// Requests per minute, and how many at once.
    private let perMinute: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Clients that are remembered. More than that, and the full buckets go: they say nothing.
    private static let most = 10_000

    init(perMinute: Int) { self.perMinute = Double(max(perMinute, 1)) }

    /// Takes one request of a client. The answer is how long to wait where there is none, in whole seconds; else `nil`.
    func take(_ client: String, now: ContinuousClock.Instant = .now) -> Int? {
        buckets.withLock { buckets in
            if buckets.count >= Self.most, buckets[client] == nil {
                buckets = buckets.filter { fill($0.value, now) < perMinute }
                // All of them busy: an attack. One bucket for whoever comes now.
                if buckets.count >= Self.most { return take("", &buckets, now) }
            }
            return take(client, &buckets, now)
        }
    }

    private func take(_ client: String, _ buckets: inout [String: Bucket], _ now: ContinuousClock.Instant) -> Int? {
        var bucket = buckets[client] ?? Bucket(tokens: perMinute, filledAt: now)
        bucket.tokens = fill(bucket, now)
        bucket.filledAt = now
        let isEmpty = bucket.tokens < 1
        if !isEmpty { bucket.tokens -= 1 }
        buckets[client] = bucket
        return isEmpty ? max(1, Int(((1 - bucket.tokens) * 60 / perMinute).rounded(.up))) : nil
    }

    private func fill(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        let seconds = (now - bucket.filledAt) / .seconds(1)
        return min(perMinute, bucket.tokens + seconds * perMinute / 60)
    }
}
