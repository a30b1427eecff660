@testable import RunnerExecution

extension SecretPatterns {
    init(_ values: [String]) {
        self.init(values.map { (name: "SECRET", value: Array($0.utf8)) })
    }
}

/// A small generator with a fixed seed (xorshift64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Redacts a whole stream that comes in the given chunks.
func redacted(_ chunks: [[UInt8]], _ patterns: SecretPatterns) -> [UInt8] {
    var redactor = Redactor(patterns)
    var output: [UInt8] = []
    for chunk in chunks { chunk.withUnsafeBytes { redactor.redact($0) { output += $0 } } }
    redactor.finish { output += $0 }
    return output
}

func redacted(_ text: String, _ secrets: [String]) -> String {
    String(decoding: redacted([Array(text.utf8)], SecretPatterns(secrets)), as: UTF8.self)
}

/// What the redactor must do, in the simplest way: marks each byte of each occurrence, then masks what is marked.
func naivelyRedacted(_ stream: [UInt8], _ patterns: [[UInt8]]) -> [UInt8] {
    var isSecret = [Bool](repeating: false, count: stream.count)
    for pattern in patterns where pattern.count <= stream.count {
        for start in 0...(stream.count - pattern.count) where stream[start...].starts(with: pattern) {
            for index in start..<(start + pattern.count) { isSecret[index] = true }
        }
    }
    var output: [UInt8] = []
    for index in stream.indices {
        if !isSecret[index] {
            output.append(stream[index])
        } else if index == 0 || !isSecret[index - 1] {
            output += Array("***".utf8)
        }
    }
    return output
}
