/// A part of a list. The same request with `next` in its cursor (`before`, or `after` for the audit) gives the next part.
package struct Page<Item: Sendable & Codable>: Sendable, Codable {
    package var items: [Item]
    /// `nil` where nothing follows.
    package var next: Int64?

    package init(_ items: [Item], next: Int64? = nil) {
        self.items = items
        self.next = next
    }
}

extension Page: Equatable where Item: Equatable {}
extension Page: Hashable where Item: Hashable {}
