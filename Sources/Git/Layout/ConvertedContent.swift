internal import Glibc
internal import SystemPackage

/// The content of a file that is not that of its blob.
enum ConvertedContent {
    case bytes([UInt8])
    /// The content of another file, such as an LFS object.
    case file(FilePath)

    /// How many bytes were written, or `nil` when the cause is in `errno`.
    func write(to descriptor: Int32) -> Int? {
        switch self {
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { FileBytes.write(all: $0, to: descriptor) } ? bytes.count : nil
        case .file(let path):
            let source = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
            guard source >= 0 else { return nil }
            defer { close(source) }
            return Self.copy(source, to: descriptor)
        }
    }

    private static func copy(_ source: Int32, to target: Int32) -> Int? {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var total = 0
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? total : nil }
            guard buffer.withUnsafeBytes({ FileBytes.write(all: .init(rebasing: $0[..<count]), to: target) }) else {
                return nil
            }
            total += count
        }
    }
}
