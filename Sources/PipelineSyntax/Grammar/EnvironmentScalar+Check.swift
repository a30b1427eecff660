import RunnerCore

extension EnvironmentScalar {
    /// What is wrong with `text` as a value of this kind; `nil` where nothing is. Urls and hosts are never repeated:
    /// there may be a password in them.
    func problem(in text: String) -> Problem? {
        switch self {
        case .time: timeProblem(in: text)
        case .sshHost: ScalarKind.textProblem { () throws(TextProblem) in _ = try SSHHost(url: text) }
        case .address: Self.addressProblem(in: text)
        case .socket:
            text.hasPrefix("/") ? ScalarKind.absolutePath.problem(in: text) : Self.addressProblem(in: text)
        case .url: Self.urlProblem(in: text)
        case .healthPath: text.hasPrefix("/") ? Self.pathProblem(in: text[...]) : Self.urlProblem(in: text)
        case .portion: portionProblem(in: text)
        case .decimal: decimalProblem(in: text)
        case .clock: clockProblem(in: text)
        case .days: daysProblem(in: text)
        case .moment: momentProblem(in: text)
        case .waitingGate: gateProblem(in: text)
        case .branch: branchProblem(in: text)
        case .image: imageProblem(in: text)
        case .argument: text.isEmpty ? Problem("is empty") : Self.controlProblem(in: text)
        case .releasePath: releasePathProblem(in: text)
        }
    }

    private func mismatch(_ text: String, hint: String? = nil) -> Problem {
        ScalarKind.environment(self).mismatch(text, hint: hint)
    }

    private static func controlProblem(in text: String) -> Problem? {
        guard let index = text.unicodeScalars.firstIndex(where: { $0.properties.generalCategory == .control }) else {
            return nil
        }
        return Problem("has a control character", offset: text.distance(from: text.startIndex, to: index))
    }
}

// MARK: - Numbers and times

extension EnvironmentScalar {
    private func timeProblem(in text: String) -> Problem? {
        if let problem = Quantity.durationProblem(in: text) { return problem }
        guard Quantity.duration(text) == .zero else { return nil }
        return Problem("must be above 0, found \(text.quoted)", hint: "write how long, as `30s` or `5m`")
    }

    private func portionProblem(in text: String) -> Problem? {
        guard Quantity.portion(text) == nil else { return nil }
        let hint = text.hasSuffix("%") ? "a share is a whole number from `1%` to `100%`" : nil
        return mismatch(text, hint: hint)
    }

    private func decimalProblem(in text: String) -> Problem? {
        guard Quantity.decimal(text) == nil else { return nil }
        let bare = String(text.drop { $0 == "<" || $0 == ">" || $0 == " " }.prefix { $0 != "%" && $0 != "s" })
        return mismatch(text, hint: Quantity.decimal(bare).map { _ in "write `\(bare)`, without its unit" })
    }

    private func clockProblem(in text: String) -> Problem? {
        guard ClockText.minutes(text) == nil else { return nil }
        if text == "24:00" { return mismatch(text, hint: "write `00:00`, which is the next day's") }
        let padded = "0" + text
        return mismatch(text, hint: ClockText.minutes(padded) == nil ? nil : "write `\(padded)`")
    }

    private func daysProblem(in text: String) -> Problem? {
        guard ClockText.days(text) == nil else { return nil }
        let words = DeployWindow.Day.allCases.map(\.word)
        let short = text.lowercased().split(separator: "-", omittingEmptySubsequences: false).map { $0.prefix(3) }
        let isNear = short.count <= 2 && short.allSatisfy { words.contains(String($0)) }
        return mismatch(text, hint: isNear ? "write `\(short.joined(separator: "-"))`" : nil)
    }

    private func momentProblem(in text: String) -> Problem? {
        guard ClockText.moment(text) == nil else { return nil }
        let joined = text.replacing(" ", with: "T")
        if ClockText.moment(joined) != nil { return mismatch(text, hint: "write `\(joined)`") }
        let isShape = ClockText.isDay(text)
        return isShape ? Problem("is \(text.quoted), a day that no calendar has") : mismatch(text)
    }
}

// MARK: - Places

extension EnvironmentScalar {
    private static func addressProblem(in text: String) -> Problem? {
        do throws(TextProblem) {
            let address = try ListenAddress(text)
            if address.port == 0 { return Problem("has the port 0, which nobody can connect to") }
            if address.host.hasPrefix("-") { return Problem("has a host that starts with `-`") }
            return nil
        } catch {
            let isPort = UInt16(text) != nil
            return Problem(error.message, hint: isPort ? error.hint : "write `HOST:PORT`, as `10.0.0.1:8080`")
        }
    }

    private static func urlProblem(in text: String) -> Problem? {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else {
            return Problem("must begin with `https://` or `http://`", hint: "write `https://HOST`")
        }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { !"/?#".contains($0) }
        guard !host.contains("@") else {
            return Problem("has a user in it", hint: "a url stands in logs and pages: leave the user out")
        }
        // `try?`: what the endpoint says is about a store.
        guard (try? StoreEndpoint(scheme + host)) != nil, !host.hasPrefix("-") else {
            let message = host.isEmpty ? "names no host" : "has no host where one belongs"
            return Problem(message, offset: scheme.count)
        }
        return pathProblem(in: rest[host.endIndex...], offset: scheme.count + host.count)
    }

    /// A space or a line feed would begin another part of the request.
    private static func pathProblem(in path: Substring, offset: Int = 0) -> Problem? {
        let isLegal: (Character) -> Bool = { character in
            guard let byte = character.asciiValue else { return false }
            return (0x21...0x7E).contains(byte) && !"\"<>\\^`{|}".contains(character)
        }
        guard let index = path.firstIndex(where: { !isLegal($0) }) else { return nil }
        return Problem(
            "has a character that no url has",
            hint: "write it as `%20` and its like",
            offset: offset + path.distance(from: path.startIndex, to: index)
        )
    }

    private func releasePathProblem(in text: String) -> Problem? {
        if text.isEmpty { return Problem("is empty") }
        let isBelow = !text.hasPrefix("/") && !text.hasPrefix("~") && !text.split(separator: "/").contains("..")
        return isBelow ? Self.controlProblem(in: text) : mismatch(text, hint: "write a relative path without `..`")
    }

    private func gateProblem(in text: String) -> Problem? {
        guard !Self.waitingGates.map(\.rawValue).contains(text) else { return nil }
        if Protection.GateName(rawValue: text) != nil {
            return Problem(
                "may not be \(text.quoted): the fast track skips waiting, never checking",
                hint: "it may skip \(Self.waitingGates.map(\.rawValue).alternatives)"
            )
        }
        return mismatch(text, hint: Self.waitingGates.map(\.rawValue).hint(for: text))
    }

    /// The rules of git-check-ref-format(1), but for the rarest.
    private func branchProblem(in text: String) -> Problem? {
        if text.contains("*") { return mismatch(text, hint: "a pattern says not which branch") }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && scalar.value != 0x7F && !"~^:?[\\".unicodeScalars.contains(scalar)
        }
        let isName = parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
        let isBranch = isPlain && isName && !text.hasPrefix("-") && !text.contains("..") && !text.contains("@{")
        if text.hasPrefix("refs/heads/") { return mismatch(text, hint: "write `\(text.dropFirst(11).prefix(60))`") }
        return isBranch ? nil : mismatch(text)
    }

    private func imageProblem(in text: String) -> Problem? {
        let bare = text.replacing("{version}", with: "0")
        if let open = bare.firstIndex(of: "{") {
            let found = bare[open...].prefix { $0 != "}" } + "}"
            return Problem("has \(String(found).quoted); only `{version}` is replaced")
        }
        let isPlain = bare.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "._-/:@".unicodeScalars.contains(scalar)
        }
        return isPlain && !bare.isEmpty && !bare.hasPrefix("-") ? nil : mismatch(text)
    }
}
