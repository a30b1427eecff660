import FoundationEssentials
import RunnerAPI

/// How a piece of a log, which may be any bytes, goes into an event: as a JSON text where it is UTF-8, else as base64.
struct LogChunk {
    /// `text` or `bytes`.
    let name: String
    let data: Data
    /// Bytes of the log that it holds.
    let count: Int

    /// `nil` where more must come before a character is whole.
    /// - Parameter isLast: Nothing comes after it.
    init?(_ bytes: [UInt8], isLast: Bool) throws {
        guard !bytes.isEmpty else { return nil }
        if let text = String(validating: bytes, as: UTF8.self) {
            try self.init(text: text, bytes.count)
            return
        }
        let whole = bytes.count - Self.unfinished(bytes)
        if !isLast, whole < bytes.count, let text = String(validating: bytes[..<whole], as: UTF8.self) {
            guard whole > 0 else { return nil }
            try self.init(text: text, whole)
            return
        }
        self.init(name: "bytes", data: Data(bytes).base64EncodedData(), count: bytes.count)
    }

    private init(text: String, _ count: Int) throws {
        self.init(name: "text", data: try APIJSON.encode(text), count: count)
    }

    private init(name: String, data: Data, count: Int) {
        self.name = name
        self.data = data
        self.count = count
    }

    /// How many bytes at the end begin a character that is not whole.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte > 0xF4 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}
