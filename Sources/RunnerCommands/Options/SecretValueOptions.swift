import ArgumentParser
import Glibc
import RunnerAPI
import RunnerCore
import RunnerStore
import SystemPackage

/// The name of a secret, and its value from standard input: never an argument, which every process of the machine can read.
struct SecretValueOptions: ParsableArguments {
    @Argument(help: "Its name, as pipelines list it.")
    var name: String

    /// Only to refuse what stands here without repeating it.
    @Argument(help: .hidden)
    var rest: [String] = []

    @Option(name: .long, help: "Only for stages that deploy there.")
    var environment: String?

    @Flag(name: .long, help: "Take every byte, the last line end too.")
    var raw = false

    mutating func validate() throws {
        let isPair = name.contains("=")
        guard rest.isEmpty, !isPair else {
            throw ValidationError(
                "a value is read from standard input: every process of this machine can read arguments. "
                    + "What stood there is known now: take another value"
            )
        }
    }

    func body(isRotation: Bool) throws -> SecretBody {
        let bytes = try isatty(STDIN_FILENO) == 1 ? HiddenLine.read("value of \(name): ") : Self.readAll()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RunnerError(
                .input,
                "cannot keep the secret `\(name)`",
                why: "the value is no UTF-8 text",
                hint: "encode it, and decode it in the step: `base64 FILE | runner secret set \(name)`"
            )
        }
        let value = raw ? text : SecretText.withoutLineEnd(text)
        try SecretStore.check(value, of: name)
        return SecretBody(name: name, environment: environment, value: value, isRotation: isRotation)
    }

    private static func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        // One that is longer is refused for its length.
        while bytes.count <= 2 * SecretStore.longest {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}

/// A line from the terminal that does not appear on it.
enum HiddenLine {
    /// Ctrl-C ends the command, with the terminal as it was.
    static func read(_ prompt: String) throws -> [UInt8] {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw SystemFailure("ask", "the terminal") }
        var hidden = before
        // Keys come one by one, and none becomes a signal: nothing can end us before the terminal is as it was.
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        Console.write(prompt, to: STDERR_FILENO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Console.write("\n", to: STDERR_FILENO)
        }
        var line: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return line }
            switch byte {
            case 0x03: throw CommandEnd(code: .canceled)
            case 0x04, 0x0A, 0x0D: return line
            case 0x08, 0x7F:
                // One character: its bytes that continue go with the first.
                while let last = line.popLast(), last & 0xC0 == 0x80 {}
            case 0x15: line = []
            default: line.append(byte)
            }
        }
    }
}
