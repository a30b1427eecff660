import Glibc
import NIOCore
import SystemPackage

/// What a file holds, in pieces, read as the connection takes them: memory does not grow with the file.
struct FilePieces: AsyncSequence, Sendable {
    let file: FilePath

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: PieceReader

        mutating func next() async throws -> ByteBuffer? { try source.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: PieceReader(file)) }
}

/// Opens its file when the first piece is asked for.
private final class PieceReader {
    private static let piece = 256 << 10
    private let file: FilePath
    private var fd: Int32 = -1

    init(_ file: FilePath) { self.file = file }

    deinit { if fd >= 0 { close(fd) } }

    func next() throws -> ByteBuffer? {
        if fd < 0 {
            fd = open(file.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard fd >= 0 else { throw failure("open", file) }
        }
        var buffer = ByteBufferAllocator().buffer(capacity: Self.piece)
        var code: Int32 = 0
        let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.piece) { bytes in
            while true {
                let got = read(fd, bytes.baseAddress, Self.piece)
                if got >= 0 { return got }
                if errno != EINTR {
                    code = errno
                    return 0
                }
            }
        }
        guard code == 0 else { throw ObjectFailure.file(operation: "read", path: file, errno: Errno(rawValue: code)) }
        return got > 0 ? buffer : nil
    }
}
