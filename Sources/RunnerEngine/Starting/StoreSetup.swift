import FoundationEssentials
import Glibc
package import RunnerCore
package import RunnerStore
import SystemPackage

/// The shared store that the configuration names, with the keys that stand in its files.
package struct StoreSetup: Sendable {
    package let access: StoreAccess
    private let keys: StoreKeys
    /// What no stage may see.
    let hidden: [FilePath]

    /// Throws where a file is missing, empty, or open to others.
    package init(_ options: StoreOptions) throws(RunnerError) {
        let signing = try Self.read(options.keyFile, atLeast: 16)
        switch options.place {
        case .directory(let path):
            access = StoreAccess(place: .directory(FilePath(path)), isReadOnly: options.isReadOnly, wait: options.wait)
            keys = StoreKeys(signing: signing)
            hidden = [FilePath(options.keyFile), FilePath(path)]
        case .bucket(let bucket):
            let place = StoreAccess.Bucket(
                isSecure: bucket.endpoint.isSecure,
                host: bucket.endpoint.host,
                port: bucket.endpoint.port,
                name: bucket.name,
                region: bucket.region,
                isPathStyle: bucket.isPathStyle,
                prefix: bucket.prefix
            )
            access = StoreAccess(place: .bucket(place), isReadOnly: options.isReadOnly, wait: options.wait)
            keys = StoreKeys(
                accessKey: try Self.read(bucket.accessKeyFile, atLeast: 1),
                secretKey: try Self.read(bucket.secretKeyFile, atLeast: 1),
                signing: signing
            )
            hidden = [options.keyFile, bucket.accessKeyFile, bucket.secretKeyFile].map { FilePath($0) }
        }
    }

    /// What a supervisor is handed: the secrets of the run, and beside them the keys.
    func handing(_ secrets: [String: String]) throws -> [String: String] { try keys.adding(to: secrets) }

    /// What keeps the store from being used, in words; `nil` where nothing does.
    package func problem() async -> String? { await StoreProbe.problem(with: access, keys) }

    private static func read(_ file: String, atLeast least: Int) throws(RunnerError) -> String {
        var status = stat()
        guard stat(file, &status) == 0 else {
            throw refusal("`\(file)`: \(String(cString: strerror(errno)))", "mend `store` in the configuration")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw refusal("`\(file)` is open to others (mode \(mode))", "chmod 600 \(file)")
        }
        let text: String
        do {
            let data = try FileSystem.read(FilePath(file), limit: 64 << 10)
            text = String(decoding: data ?? .init(), as: UTF8.self)
        } catch {
            throw refusal("\(error)", "mend `store` in the configuration")
        }
        let start = text.drop(while: \.isWhitespace)
        let value = String(start.reversed().drop(while: \.isWhitespace).reversed())
        guard value.utf8.count >= least, value.allSatisfy({ $0.isASCII && $0 > " " && $0 != "\u{7F}" }) else {
            let rule = "one line of printable ASCII, at least \(least) bytes"
            throw refusal("`\(file)` does not hold a key: \(rule)", "head -c 32 /dev/urandom | base64 > \(file)")
        }
        return value
    }

    private static func refusal(_ why: String, _ hint: String) -> RunnerError {
        RunnerError(.input, "cannot use the shared store", why: why, hint: hint)
    }
}
