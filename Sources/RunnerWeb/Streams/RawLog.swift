import HTTPTypes
import Hummingbird
import NIOCore

/// Logs as one text, one after the other, as long as they are now.
struct RawLog: Sendable {
    private let files: [(file: OpenFile, size: Int64)]
    private let start: Int64
    private let text: String?

    init(_ files: [OpenFile], _ call: Call) throws {
        self.files = files.map { ($0, $0.size) }
        start = try call.optional(Parameters.from) ?? 0
        text = try call.optional(Parameters.grep)
    }

    var response: Response {
        let length = max(0, files.reduce(0) { $0 + $1.size } - start)
        let body = ResponseBody(contentLength: text == nil ? Int(length) : nil) { writer in
            var search = text.map { LineSearch($0) }
            try await pieces { piece in
                guard search != nil else {
                    try await writer.write(ByteBuffer(bytes: piece))
                    return
                }
                var found = ByteBuffer()
                search?.take(piece) { Self.add($1, to: &found) }
                if found.readableBytes > 0 { try await writer.write(found) }
            }
            var found = ByteBuffer()
            search?.finish { Self.add($1, to: &found) }
            if found.readableBytes > 0 { try await writer.write(found) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/plain; charset=utf-8"], body: body)
    }

    private static func add(_ line: ArraySlice<UInt8>, to buffer: inout ByteBuffer) -> Bool {
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        return true
    }

    private func pieces(_ body: ([UInt8]) async throws -> Void) async throws {
        var skipped = start
        for (file, size) in files {
            var offset = min(skipped, size)
            skipped -= offset
            while offset < size {
                let piece = try file.read(at: offset, Int(min(64 << 10, size - offset)))
                // Shorter than it was: what was promised cannot be kept, and the connection ends.
                guard !piece.isEmpty else { throw Problem.unknown("rest of \(file.path)") }
                offset += Int64(piece.count)
                try await body(piece)
            }
        }
    }
}
