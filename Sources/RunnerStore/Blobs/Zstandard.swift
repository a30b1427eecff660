import CZstd
import Glibc
package import SystemPackage

/// Streams through zstd (RFC 8878), in pieces: memory does not grow with what passes.
package enum Zstandard {
    /// Level 3 is zstd's own choice: about 240 MB/s and a third of the size for text.
    private static let level: Int32 = 3

    /// Compresses what is left to read. Returns the digest and the length of what was read.
    package static func compress(_ input: Int32, to output: Int32, name: FilePath) throws -> (
        digest: Digest, bytes: Int64
    ) {
        guard let context = ZSTD_createCCtx() else { throw SystemFailure("make room to compress", name, ENOMEM) }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        var hash = DigestStream()
        var bytes: Int64 = 0
        let buffers = Buffers(ZSTD_CStreamInSize(), ZSTD_CStreamOutSize())
        while true {
            let got = try read(input, into: buffers.input, name)
            hash.update(UnsafeRawBufferPointer(rebasing: buffers.input[..<got]))
            bytes += Int64(got)
            var source = ZSTD_inBuffer(src: buffers.input.baseAddress, size: got, pos: 0)
            let mode = got == 0 ? ZSTD_e_end : ZSTD_e_continue
            var isDone = false
            while !isDone {
                var target = ZSTD_outBuffer(dst: buffers.output.baseAddress, size: buffers.output.count, pos: 0)
                let left = try checked(ZSTD_compressStream2(context, &target, &source, mode), "compress", name)
                try write(buffers.output, count: target.pos, to: output, name)
                isDone = got == 0 ? left == 0 : source.pos == source.size
            }
            if got == 0 { return (hash.finish(), bytes) }
        }
    }

    /// Expands what is left to read, `limit` bytes at most. Returns the digest and the length of what came out; throws for
    /// what is no zstd or is cut off.
    static func expand(
        _ input: Int32,
        to output: Int32,
        name: FilePath,
        limit: Int64 = .max
    ) throws -> (digest: Digest, bytes: Int64) {
        guard let context = ZSTD_createDCtx() else { throw SystemFailure("make room to expand", name, ENOMEM) }
        defer { ZSTD_freeDCtx(context) }
        var hash = DigestStream()
        var bytes: Int64 = 0
        var rest = 1
        let buffers = Buffers(ZSTD_DStreamInSize(), ZSTD_DStreamOutSize())
        while true {
            let got = try read(input, into: buffers.input, name)
            if got == 0 { break }
            var source = ZSTD_inBuffer(src: buffers.input.baseAddress, size: got, pos: 0)
            var isFull = true
            // A full output buffer may have more behind it, even when all input is taken.
            while source.pos < source.size || isFull {
                var target = ZSTD_outBuffer(dst: buffers.output.baseAddress, size: buffers.output.count, pos: 0)
                rest = try checked(ZSTD_decompressStream(context, &target, &source), "expand", name)
                bytes += Int64(target.pos)
                guard bytes <= limit else { throw SystemFailure("expand", name, EFBIG) }
                hash.update(UnsafeRawBufferPointer(rebasing: buffers.output[..<target.pos]))
                try write(buffers.output, count: target.pos, to: output, name)
                isFull = target.pos == target.size
                if rest == 0, source.pos == source.size { break }
            }
        }
        guard rest == 0 else { throw SystemFailure("expand", name, EBADMSG) }
        return (hash.finish(), bytes)
    }

    private static func checked(_ code: Int, _ operation: String, _ name: FilePath) throws -> Int {
        guard ZSTD_isError(code) == 0 else { throw SystemFailure(operation, name, EBADMSG) }
        return code
    }

    private static func read(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer, _ name: FilePath) throws -> Int {
        while true {
            let got = Glibc.read(fd, buffer.baseAddress, buffer.count)
            if got >= 0 { return got }
            if errno != EINTR { throw SystemFailure("read", name) }
        }
    }

    private static func write(
        _ buffer: UnsafeMutableRawBufferPointer,
        count: Int,
        to fd: Int32,
        _ name: FilePath
    ) throws {
        guard FileSystem.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: fd) else {
            throw SystemFailure("write", name)
        }
    }

    /// One piece on either side.
    private final class Buffers {
        let input: UnsafeMutableRawBufferPointer
        let output: UnsafeMutableRawBufferPointer

        init(_ input: Int, _ output: Int) {
            self.input = .allocate(byteCount: input, alignment: 16)
            self.output = .allocate(byteCount: output, alignment: 16)
        }

        deinit {
            input.deallocate()
            output.deallocate()
        }
    }
}
