package import FoundationEssentials

/// How the API writes JSON: keys sorted, times as RFC 3339 in UTC with milliseconds.
package enum APIJSON {
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(text(of: date))
        }
        return try encoder.encode(value)
    }

    package static func decode<T: Decodable>(_ type: T.Type, from data: Data) throws -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = date(of: text) else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "`\(text)` is not a time as 2026-01-31T12:00:00Z"
                )
            }
            return date
        }
        return try decoder.decode(type, from: data)
    }

    /// As `2026-01-31T12:00:00.000Z`.
    package static func text(of date: Date) -> String {
        // The style cuts what is below a millisecond, and a whole one may be a little less than whole as a number.
        Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(date + 0.000_1)
    }

    /// With or without a fraction, in any zone; `nil` for anything else.
    package static func date(of text: String) -> Date? {
        let styles = [true, false].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
        // A style that does not fit is no error: the next one may.
        return styles.lazy.compactMap { try? $0.parse(text) }.first
    }
}
