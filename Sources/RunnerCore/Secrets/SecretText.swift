/// What programs and editors put behind a value.
package enum SecretText {
    /// Without one LF or CR LF at the end: `echo` writes it, and nobody means it.
    package static func withoutLineEnd(_ text: String) -> String {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
