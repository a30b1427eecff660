/// An event of a stream as the daemon sent it.
package struct ServerEvent: Sendable, Hashable {
    /// Where the stream goes on after it.
    package var id: String?
    package var name: String
    package var data: String

    package init(id: String?, name: String, data: String) {
        self.id = id
        self.name = name
        self.data = data
    }
}

/// Takes server-sent events out of pieces of any size. Memory is bounded by one event.
package struct EventStreamParser {
    private var line: [UInt8] = []
    private var id: String?
    private var name = ""
    private var data: [String] = []
    /// Set where an event is longer than any that a daemon sends.
    package private(set) var isBroken = false

    private static let longestEvent = 64 << 20
    private var length = 0

    package init() {}

    /// The events that a piece completes.
    package mutating func take(_ piece: [UInt8]) -> [ServerEvent] {
        var events: [ServerEvent] = []
        var rest = piece[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            add(rest[..<newline])
            rest = rest[(newline + 1)...]
            if let event = endLine() { events.append(event) }
        }
        add(rest)
        return events
    }

    private mutating func add(_ part: ArraySlice<UInt8>) {
        line += part
        length += part.count
        if length > Self.longestEvent { isBroken = true }
    }

    private mutating func endLine() -> ServerEvent? {
        let text = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...], as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        guard text.isEmpty else {
            takeField(text)
            return nil
        }
        defer {
            name = ""
            data = []
            length = 0
        }
        guard !data.isEmpty else { return nil }
        return ServerEvent(id: id, name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
    }

    private mutating func takeField(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : ""
        if value.first == " " { value = value.dropFirst() }
        switch parts[0] {
        case "id": id = String(value)
        case "event": name = String(value)
        case "data": data.append(String(value))
        default: break  // a comment, or of another version
        }
    }
}
