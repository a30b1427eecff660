/// What a source says of a rule's number.
package enum WatchReading: Sendable, Hashable {
    case value(Double)
    /// It answered, and has nothing: that is never good.
    case noData(String)
    /// It did not answer.
    case failed(String)
}
