extension SecretForms {
    /// Above this many bytes a value inside a longer base64 text is not sought with line breaks at every column:
    /// the number of patterns grows with the square of the length.
    private static let longestBroken = 128
    /// Columns at which base64 is broken into lines: `base64` and MIME, OpenSSL and PEM.
    private static let columns = [76, 64]

    /// Base64 of bytes that stand anywhere in the encoded text.
    ///
    /// Only the characters are taken that do not depend on what stands before and after, so there are three
    /// forms: for 0, 1 or 2 bytes before, modulo 3.
    static func base64(_ bytes: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for shift in 0..<3 {
            let standard = base64Inside(bytes, shift: shift)
            forms.append(standard)
            forms.append(
                standard.map { byte in
                    switch byte {
                    case UInt8(ascii: "+"): UInt8(ascii: "-")
                    case UInt8(ascii: "/"): UInt8(ascii: "_")
                    default: byte
                    }
                }
            )
            forms += broken(standard, anywhere: bytes.count <= longestBroken, fromStart: shift == 0)
        }
        return forms
    }

    /// The characters that are fully determined by `bytes` when `shift` bytes stand before them.
    private static func base64Inside(_ bytes: [UInt8], shift: Int) -> [UInt8] {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let first = (shift * 8 + 5) / 6
        let end = (shift + bytes.count) * 8 / 6
        guard first < end else { return [] }
        return (first..<end).map { position in
            let bit = position * 6 - shift * 8
            let high = UInt16(bytes[bit / 8]) << 8
            let low = bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0
            let index = ((high | low) >> UInt16(10 - bit % 8)) & 63
            return alphabet.utf8Start[Int(index)]
        }
    }

    /// The same broken into lines.
    private static func broken(_ text: [UInt8], anywhere: Bool, fromStart: Bool) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for (column, end) in columns.flatMap({ column in ["\n", "\r\n"].map { (column, $0) } }) {
            // Where the first break falls: unknown when the value stands somewhere in the text.
            let breaks = anywhere && column == columns[0] ? 1...column : column...column
            guard anywhere || fromStart else { continue }
            for first in breaks where first < text.count {
                var form = Array(text[..<first])
                for start in stride(from: first, to: text.count, by: column) {
                    form += Array(end.utf8) + text[start..<min(start + column, text.count)]
                }
                forms.append(form)
            }
        }
        return forms
    }
}
