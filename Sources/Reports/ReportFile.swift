import RunnerCore
import SystemPackage

/// A file that is read once, chunk by chunk. A link is no report: it may lead out of the stage.
struct ReportFile {
    let path: FilePath

    func read(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        try file.closeAfter {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ReportLimits.chunk, alignment: 16)
            defer { buffer.deallocate() }
            while case let count = try file.read(into: buffer), count > 0 {
                try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
