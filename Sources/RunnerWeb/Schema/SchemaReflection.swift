import FoundationEssentials
import Git
import RunnerCore

/// Reads schemas off types, so that what the document says is what is encoded and decoded.
struct SchemaReflection {
    /// Requests are closed and bounded; answers may grow.
    let isRequest: Bool
    /// What was found under a name.
    private(set) var components: [String: Schema] = [:]
    /// Types that asked for something that cannot be given, so that keys may be missing. A mistake of ours.
    private(set) var incomplete: Set<String> = []

    /// Of texts in requests that say nothing else.
    private static let longest = 4096

    init(isRequest: Bool) { self.isRequest = isRequest }

    mutating func schema(of type: any Decodable.Type) -> Schema {
        switch type {
        case is String.Type: return .string(isRequest ? 0...Self.longest : nil)
        case is Bool.Type: return .boolean
        case is Double.Type: return .number
        case is Date.Type: return .time
        case is any BinaryInteger.Type: return .integer(isRequest ? Int64(Int32.min)...Int64(Int32.max) : nil)
        case is any FreeForm.Type: return .free
        case let type as any OptionalShape.Type: return schema(of: type.wrapped)
        case let type as any ListShape.Type: return .array(schema(of: type.element), most: isRequest ? 200 : nil)
        case let type as any MapShape.Type: return .map(schema(of: type.value), most: isRequest ? 200 : nil)
        case let type as any CaseIterable.Type: return .choice(Self.values(of: type))
        default: return record(type)
        }
    }

    /// `RunSummary`, or `RunSummaryPage` for `Page<RunSummary>`.
    static func name(of type: any Decodable.Type) -> String {
        let parts = String(describing: type).split { "<>".contains($0) }
        return parts.reversed().joined()
    }

    private mutating func record(_ type: any Decodable.Type) -> Schema {
        let name = Self.name(of: type)
        if components[name] == nil {
            let notes = ShapeNotes(reflection: self)
            do {
                _ = try type.init(from: ShapeDecoder(notes: notes))
            } catch {
                incomplete.insert(name)
            }
            incomplete.formUnion(notes.reflection.incomplete)
            components.merge(notes.reflection.components) { old, _ in old }
            components[name] = .object(notes.properties, isClosed: isRequest)
        }
        return .reference(name)
    }

    private static func values(of type: any CaseIterable.Type) -> [String] {
        func all<T: CaseIterable>(_ type: T.Type) -> [String] {
            type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        }
        return all(type)
    }
}

/// A type whose JSON is not described: it is the runner's own record of a plan or an event.
protocol FreeForm: Decodable {
    static var sample: Self? { get }
}

extension RunEvent: FreeForm {
    static var sample: RunEvent? {
        ObjectID(String(repeating: "0", count: 40)).map { tree in
            RunEvent(kind: .manual, ref: "", commit: nil, tree: tree, isWorkingTree: false, message: "", author: "")
        }
    }
}

extension Plan: FreeForm {
    static var sample: Plan? { RunEvent.sample.map { Plan(pipeline: "", file: "", event: $0, reason: "", stages: []) } }
}

protocol OptionalShape {
    static var wrapped: any Decodable.Type { get }
}

extension Optional: OptionalShape where Wrapped: Decodable {
    static var wrapped: any Decodable.Type { Wrapped.self }
}

protocol ListShape {
    static var element: any Decodable.Type { get }
}

extension Array: ListShape where Element: Decodable {
    static var element: any Decodable.Type { Element.self }
}

protocol MapShape {
    static var value: any Decodable.Type { get }
}

extension Dictionary: MapShape where Key == String, Value: Decodable {
    static var value: any Decodable.Type { Value.self }
}
