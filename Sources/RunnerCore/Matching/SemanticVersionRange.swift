/// A set of versions, as `>=1.0.0 <2`.
package struct SemanticVersionRange: Sendable, Hashable {
    /// As written.
    package let source: String

    package init(source: String) { self.source = source }
}
