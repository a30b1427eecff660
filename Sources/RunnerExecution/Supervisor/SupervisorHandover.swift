import FoundationEssentials
package import RunnerCore

/// What a supervisor on standby is given on its standard input: a line with the run's number, then its secrets.
package struct SupervisorHandover: Sendable {
    package let run: RunNumber
    package let secrets: [String: String]

    package init(run: RunNumber, secrets: [String: String]) {
        self.run = run
        self.secrets = secrets
    }

    package func encoded() throws -> [UInt8] { Array("\(run)\n".utf8) + (try SecretHandover.encode(secrets)) }

    /// Waits for all of it. `nil` where the line does not come whole: whoever was to write it has ended.
    package static func receive(from fd: Int32) throws -> SupervisorHandover? {
        let bytes = SecretHandover.readAll(from: fd)
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let number = Int(String(decoding: bytes[..<end], as: UTF8.self)), let run = RunNumber(number),
            let secrets = try SecretHandover.decode(bytes[(end + 1)...])
        else {
            return nil
        }
        return SupervisorHandover(run: run, secrets: secrets)
    }
}
