/// What bounds the memory that a report costs, however big it is.
enum ReportLimits {
    static let chunk = 64 << 10
    static let depth = 64
    /// Bytes of one tag with its attributes, or of one comment. Expat holds all of it.
    static let tag = 1 << 20
    /// Bytes kept of a name, of a message, of an output.
    static let name = 512
    static let message = 2 << 10
    static let output = 8 << 10
    static let cases = 100_000
    static let findings = 1_000
    static let files = 100_000
    static let rules = 10_000
    /// Bytes of one line of lcov.
    static let line = 64 << 10
}
