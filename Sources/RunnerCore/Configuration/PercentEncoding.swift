/// `%20` and its like in urls.
package enum PercentEncoding {
    /// `nil` where a `%` is not followed by two hexadecimal digits, or what comes out is not UTF-8.
    package static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).map { Character(Unicode.Scalar($0)) }
            rest = rest.dropFirst(2)
            guard digits.count == 2, let high = digits[0].hexDigitValue, let low = digits[1].hexDigitValue else {
                return nil
            }
            bytes.append(UInt8(high << 4 | low))
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
