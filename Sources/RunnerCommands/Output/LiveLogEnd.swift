import Glibc
import SystemPackage

/// The last line of a log that grows: however fast it does, a look reads its end alone.
final class LiveLogEnd {
    private static let window = 4 << 10

    let path: FilePath
    private var fd: Int32 = -1
    private var size: off_t = -1
    private var line = ""

    init(_ path: FilePath) { self.path = path }

    deinit {
        if fd >= 0 { close(fd) }
    }

    /// Empty while there is no log, or nothing in it.
    func look(isUnicode: Bool) -> String {
        // The event that a step has started may come before its log does.
        if fd < 0 { fd = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        var status = stat()
        guard fd >= 0, fstat(fd, &status) == 0, status.st_size != size else { return line }
        size = status.st_size
        var bytes = [UInt8](repeating: 0, count: Self.window)
        let count = pread(fd, &bytes, bytes.count, max(0, size - off_t(bytes.count)))
        guard count > 0 else { return line }
        line = Self.lastLine(bytes[..<count], isUnicode: isUnicode)
        return line
    }

    /// The last line with anything to see, whether or not it has ended.
    static func lastLine(_ bytes: ArraySlice<UInt8>, isUnicode: Bool) -> String {
        for line in whole(bytes).split(separator: UInt8(ascii: "\n")).reversed() {
            let text = LiveText.clean(bytes: line, isUnicode: isUnicode)
            if let start = text.firstIndex(where: { $0 != " " }) { return String(text[start...]) }
        }
        return ""
    }

    /// Without the pieces of characters that the borders of the window cut.
    private static func whole(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 & 0xc0 == 0x80 }
        guard let lead = bytes.suffix(3).lastIndex(where: { $0 & 0xc0 == 0xc0 }) else { return bytes }
        let length = bytes[lead] >= 0xf0 ? 4 : bytes[lead] >= 0xe0 ? 3 : 2
        if bytes.endIndex - lead < length { bytes = bytes[..<lead] }
        return bytes
    }
}
