import CExpat
import RunnerCore
import SystemPackage

/// What an `XMLReader` finds.
enum XMLEvent {
    case start(String, [String: String])
    /// In pieces, as they come.
    case text(String)
    case end(String)
}

/// Reads XML as a stream. Entities are refused, and with them all that a file could expand to or fetch; a DOCTYPE that
/// only names its file is passed over, for older tools write one.
final class XMLReader {
    private let parser: XML_Parser
    private let take: (XMLEvent) throws -> Void
    private var depth = 0
    private var fed = 0
    private var lastEvent = 0
    private var failure: (any Error)?

    init(_ take: @escaping (XMLEvent) throws -> Void) throws {
        guard let parser = XML_ParserCreate(nil) else {
            throw RunnerError(.errored, "cannot read a report", why: "there is no memory for it")
        }
        self.parser = parser
        self.take = take
        // Nothing outlives the parser that it is given to: `deinit` frees it.
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        setHandlers()
    }

    deinit { XML_ParserFree(parser) }

    static func read(_ path: FilePath, _ take: @escaping (XMLEvent) throws -> Void) throws {
        let reader = try XMLReader(take)
        try ReportFile(path: path).read(reader.feed)
        try reader.finish()
    }

    func feed(_ bytes: UnsafeRawBufferPointer) throws {
        fed += bytes.count
        let chars = bytes.assumingMemoryBound(to: CChar.self)
        try check(XML_Parse(parser, chars.baseAddress, Int32(bytes.count), 0))
        if fed - lastEvent > ReportLimits.tag {
            throw problem("a tag or comment is longer than \(ReportLimits.tag >> 20) MiB")
        }
    }

    func finish() throws { try check(XML_Parse(parser, nil, 0, 1)) }

    private func check(_ status: XML_Status) throws {
        if let failure { throw failure }
        guard status != XML_STATUS_OK else { return }
        let words = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
        throw problem("no XML: \(words ?? "unknown")")
    }

    private func problem(_ message: String) -> ReportProblem {
        ReportProblem(
            line: Int(XML_GetCurrentLineNumber(parser)),
            column: Int(XML_GetCurrentColumnNumber(parser)) + 1,
            message
        )
    }

    // MARK: - What Expat calls

    private func setHandlers() {
        XML_SetElementHandler(
            parser,
            { user, name, attributes in XMLReader.of(user)?.start(name, attributes) },
            { user, name in XMLReader.of(user)?.end(name) }
        )
        XML_SetCharacterDataHandler(parser) { user, text, count in XMLReader.of(user)?.text(text, count) }
        XML_SetCommentHandler(parser) { user, _ in XMLReader.of(user)?.pass() }
        XML_SetProcessingInstructionHandler(parser) { user, _, _ in XMLReader.of(user)?.pass() }
        XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, hasSubset in
            if hasSubset != 0 { XMLReader.of(user)?.refuse("a DOCTYPE with declarations is refused") }
        }
        XML_SetEntityDeclHandler(parser) { user, _, _, _, _, _, _, _, _ in
            XMLReader.of(user)?.refuse("a declared entity is refused")
        }
        XML_SetSkippedEntityHandler(parser) { user, _, _ in XMLReader.of(user)?.refuse("an entity is refused") }
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> XMLReader? {
        user.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func refuse(_ message: String) { stop(problem(message)) }

    private func stop(_ error: any Error) {
        if failure == nil { failure = error }
        XML_StopParser(parser, 0)
    }

    private func pass() { lastEvent = fed }

    private func give(_ event: XMLEvent) {
        lastEvent = fed
        // Expat may still call once or twice after it was stopped.
        guard failure == nil else { return }
        do { try take(event) } catch { stop(error) }
    }

    private func start(_ name: UnsafePointer<CChar>?, _ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) {
        depth += 1
        guard depth <= ReportLimits.depth else {
            return refuse("elements are nested deeper than \(ReportLimits.depth)")
        }
        var attributes: [String: String] = [:]
        var index = 0
        while let list, let key = list[index], let value = list[index + 1] {
            attributes[String(cString: key)] = String(cString: value)
            index += 2
        }
        give(.start(name.map { String(cString: $0) } ?? "", attributes))
    }

    private func end(_ name: UnsafePointer<CChar>?) {
        depth -= 1
        give(.end(name.map { String(cString: $0) } ?? ""))
    }

    private func text(_ text: UnsafePointer<CChar>?, _ count: Int32) {
        let bytes = UnsafeRawBufferPointer(start: text, count: Int(count))
        give(.text(String(decoding: bytes, as: UTF8.self)))
    }
}
