import RunnerCore
import SystemPackage

/// What a `JSONReader` finds.
enum JSONEvent: Equatable {
    case startObject, endObject, startArray, endArray
    case key(String)
    /// At most `ReportLimits.message` bytes of it: the rest is passed over.
    case string(String)
    /// A number, `true`, `false` or `null`, as it stands there.
    case literal(String)
}

/// Reads JSON as a stream: holds one string at a time, and never more than a limit of it.
struct JSONReader {
    private enum Wanted { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, nothing }
    private enum Token { case none, string, escape, unicode(Int), literal }

    private let take: (JSONEvent) throws -> Void
    private var wanted = Wanted.value
    private var token = Token.none
    private var bytes: [UInt8] = []
    private var codeUnit: UInt16 = 0
    private var highSurrogate: UInt16?
    /// `true` for each object that is open, `false` for each array.
    private var open: [Bool] = []
    private var line = 1
    private var column = 0

    init(_ take: @escaping (JSONEvent) throws -> Void) { self.take = take }

    static func read(_ path: FilePath, _ take: @escaping (JSONEvent) throws -> Void) throws {
        var reader = JSONReader(take)
        var skipsMark = true
        try ReportFile(path: path).read { chunk in
            // Tools of Windows begin with a byte order mark.
            let hasMark = skipsMark && chunk.starts(with: [0xef, 0xbb, 0xbf])
            skipsMark = false
            for byte in chunk.dropFirst(hasMark ? 3 : 0) { try reader.feed(byte) }
        }
        try reader.finish()
    }

    mutating func feed(_ byte: UInt8) throws {
        column += 1
        switch token {
        case .none: try begin(byte)
        case .string: try feedString(byte)
        case .escape: try feedEscape(byte)
        case .unicode(let left): try feedUnicode(byte, left)
        case .literal: try feedLiteral(byte)
        }
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 0
        }
    }

    mutating func finish() throws {
        if case .literal = token { try endLiteral() }
        guard case .none = token, case .nothing = wanted else { throw problem("the file ends within a value") }
    }

    // MARK: - Between values

    private mutating func begin(_ byte: UInt8) throws {
        switch byte {
        case 0x20, 0x09, 0x0a, 0x0d: break
        case UInt8(ascii: "\""):
            guard wanted != .nothing, wanted != .colon, wanted != .commaOrEnd else { throw unexpected(byte) }
            token = .string
        case UInt8(ascii: "{"): try push(isObject: true, byte)
        case UInt8(ascii: "["): try push(isObject: false, byte)
        case UInt8(ascii: "}"): try pop(isObject: true, byte)
        case UInt8(ascii: "]"): try pop(isObject: false, byte)
        case UInt8(ascii: ":"):
            guard wanted == .colon else { throw unexpected(byte) }
            wanted = .value
        case UInt8(ascii: ","):
            guard wanted == .commaOrEnd, let isObject = open.last else { throw unexpected(byte) }
            wanted = isObject ? .key : .value
        default:
            guard wanted == .value || wanted == .valueOrEnd else { throw unexpected(byte) }
            token = .literal
            bytes = [byte]
        }
    }

    private mutating func push(isObject: Bool, _ byte: UInt8) throws {
        guard wanted == .value || wanted == .valueOrEnd else { throw unexpected(byte) }
        guard open.count < ReportLimits.depth else {
            throw problem("values are nested deeper than \(ReportLimits.depth)")
        }
        open.append(isObject)
        wanted = isObject ? .keyOrEnd : .valueOrEnd
        try take(isObject ? .startObject : .startArray)
    }

    private mutating func pop(isObject: Bool, _ byte: UInt8) throws {
        let mayEnd = wanted == .commaOrEnd || wanted == (isObject ? .keyOrEnd : .valueOrEnd)
        guard open.last == isObject, mayEnd else { throw unexpected(byte) }
        open.removeLast()
        endValue()
        try take(isObject ? .endObject : .endArray)
    }

    private mutating func endValue() { wanted = open.isEmpty ? .nothing : .commaOrEnd }

    // MARK: - Within values

    private mutating func feedString(_ byte: UInt8) throws {
        switch byte {
        case UInt8(ascii: "\""): try endString()
        case UInt8(ascii: "\\"): token = .escape
        case 0..<0x20: throw problem("a control character stands in a string")
        default: keep(byte)
        }
    }

    private mutating func feedEscape(_ byte: UInt8) throws {
        token = .string
        switch byte {
        case UInt8(ascii: "u"):
            codeUnit = 0
            token = .unicode(4)
        case UInt8(ascii: "n"): keep(0x0a)
        case UInt8(ascii: "t"): keep(0x09)
        case UInt8(ascii: "r"): keep(0x0d)
        case UInt8(ascii: "b"): keep(0x08)
        case UInt8(ascii: "f"): keep(0x0c)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): keep(byte)
        default: throw unexpected(byte)
        }
    }

    private mutating func feedUnicode(_ byte: UInt8, _ left: Int) throws {
        guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw unexpected(byte) }
        codeUnit = codeUnit << 4 | UInt16(digit)
        token = left > 1 ? .unicode(left - 1) : .string
        guard left == 1 else { return }
        if UTF16.isLeadSurrogate(codeUnit) {
            highSurrogate = codeUnit
        } else {
            let units = (highSurrogate.map { [$0] } ?? []) + [codeUnit]
            highSurrogate = nil
            for unit in String(decoding: units, as: UTF16.self).utf8 { keep(unit) }
        }
    }

    private mutating func keep(_ byte: UInt8) {
        if bytes.count < ReportLimits.message { bytes.append(byte) }
    }

    private mutating func endString() throws {
        let text = String(decoding: bytes, as: UTF8.self)
        bytes.removeAll(keepingCapacity: true)
        highSurrogate = nil
        token = .none
        if wanted == .key || wanted == .keyOrEnd {
            wanted = .colon
            try take(.key(text))
        } else {
            endValue()
            try take(.string(text))
        }
    }

    private mutating func feedLiteral(_ byte: UInt8) throws {
        switch byte {
        case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"):
            try endLiteral()
            try begin(byte)
        default:
            guard bytes.count < 64 else { throw problem("a number is longer than 64 characters") }
            bytes.append(byte)
        }
    }

    private mutating func endLiteral() throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard ["true", "false", "null"].contains(text) || Double(text) != nil else {
            throw problem("`\(ReportText.line(text))` is no value of JSON")
        }
        bytes.removeAll(keepingCapacity: true)
        token = .none
        endValue()
        try take(.literal(text))
    }

    private func unexpected(_ byte: UInt8) -> ReportProblem {
        let shown = byte < 0x80 ? ReportText.line(String(Unicode.Scalar(byte))) : "a byte beyond ASCII"
        return problem("no JSON: `\(shown)` is not expected here")
    }

    private func problem(_ message: String) -> ReportProblem { ReportProblem(line: line, column: column, message) }
}
