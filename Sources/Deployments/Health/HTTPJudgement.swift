import FoundationEssentials
import RunnerCore

/// Whether an answer over HTTP is a good one: decided by its status, its text and members of its JSON.
struct HTTPJudgement: Sendable, Hashable {
    var isGood: Bool
    var detail: String

    /// `body` is the whole answer; `isCut` where it went on.
    init(_ probe: HTTPProbe, status: Int, body: [UInt8], isCut: Bool) {
        let text = String(decoding: body, as: UTF8.self)
        let said = text.brief()
        let problem = Self.problem(probe, status: status, body: body, text: text, isCut: isCut)
        isGood = problem == nil
        detail = ["\(status)", problem, said.isEmpty ? nil : said].compactMap(\.self).joined(separator: ": ")
    }

    /// `nil` for a good answer; empty where the status says it all.
    private static func problem(_ probe: HTTPProbe, status: Int, body: [UInt8], text: String, isCut: Bool) -> String? {
        let isStatusGood = probe.statuses.isEmpty ? (200...299).contains(status) : probe.statuses.contains(status)
        guard isStatusGood else {
            let wanted = probe.statuses.isEmpty ? "200 to 299" : probe.statuses.map(String.init).joined(separator: ", ")
            return "not \(wanted)"
        }
        if let wanted = probe.contains, !text.contains(wanted) { return "does not have \(wanted.quoted)" }
        guard !probe.json.isEmpty else { return nil }
        if isCut { return "its JSON is longer than \(HealthLook.longestBody / 1024) KiB" }
        // What cannot be read is no JSON: there is nothing more to say about it.
        guard let tree = try? JSONDecoder().decode(JSONTree.self, from: Data(body)) else { return "is no JSON" }
        for member in probe.json {
            let found = tree.text(at: member.name)
            if found != member.value {
                return "\(member.name.quoted) is \(found?.quoted ?? "not there"), not \(member.value.quoted)"
            }
        }
        return nil
    }
}

/// JSON of any shape.
enum JSONTree: Decodable, Sendable, Hashable {
    case null
    /// A text, number or truth value, as text.
    case value(String)
    case list([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each of these says by throwing that it is of another kind.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .value(value ? "true" : "false")
        } else if let value = try? container.decode(Int64.self) {
            self = .value("\(value)")
        } else if let value = try? container.decode(Double.self) {
            self = .value("\(value)")
        } else if let value = try? container.decode(String.self) {
            self = .value(value)
        } else if let values = try? container.decode([JSONTree].self) {
            self = .list(values)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    /// A member by its name, in which dots reach deeper, also by number into lists; `nil` where there is none or it is no
    /// single value.
    func text(at path: String) -> String? {
        if let found = member(path[...]) { return found.text }
        guard let dot = path.firstIndex(of: ".") else { return nil }
        return member(path[..<dot])?.text(at: String(path[path.index(after: dot)...]))
    }

    private var text: String? {
        switch self {
        case .null: "null"
        case .value(let value): value
        case .list, .object: nil
        }
    }

    private func member(_ name: Substring) -> JSONTree? {
        switch self {
        case .object(let members): return members[String(name)]
        case .list(let elements):
            guard let index = Int(name), elements.indices.contains(index) else { return nil }
            return elements[index]
        case .null, .value: return nil
        }
    }
}
