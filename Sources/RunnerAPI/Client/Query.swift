/// The part of an address after `?`. What is `nil` is left out.
struct Query {
    private var items: [String] = []

    init() {}

    func adding(_ name: String, _ value: (some CustomStringConvertible)?) -> Query {
        guard let value else { return self }
        var query = self
        query.items.append("\(name)=\(PercentEncoding.encode(value.description))")
        return query
    }

    var text: String { items.isEmpty ? "" : "?" + items.joined(separator: "&") }
}
