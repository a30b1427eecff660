/// `HOST:PORT`, where the API listens on TCP.
package struct ListenAddress: Sendable, Hashable {
    /// A name or an address; an IPv6 address without its brackets.
    package let host: String
    /// 0 lets the system choose.
    package let port: Int

    package init(_ text: String) throws(TextProblem) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            let hint = Self.port(text[...]).map { "write `127.0.0.1:\($0)`" }
            throw TextProblem("must be `HOST:PORT` with a port from 0 to 65535", hint: hint ?? "write `127.0.0.1:7800`")
        }
        let host = text[..<colon]
        guard !host.isEmpty else {
            let hint = "write `127.0.0.1:\(port)` for this machine alone, `0.0.0.0:\(port)` for every network"
            throw TextProblem("names no host", hint: hint)
        }
        self.port = port
        self.host = try Self.bare(host)
    }

    /// True where only this machine can connect: 127.0.0.0/8, `::1` and `localhost`.
    package var isLoopback: Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func port(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return UInt16(text).map(Int.init)
    }

    private static func bare(_ host: Substring) throws(TextProblem) -> String {
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            if isIPv6(inner) { return String(inner) }
        } else if isIPv6(host) {
            throw TextProblem("has an IPv6 address without brackets", hint: "write `[::1]:7800`")
        } else if host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }) {
            return String(host)
        }
        throw TextProblem("has no host name or address before the port", hint: "write `127.0.0.1:7800`")
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        text.contains(":") && text.allSatisfy { $0.isASCII && $0.isHexDigit || $0 == ":" || $0 == "." }
    }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
