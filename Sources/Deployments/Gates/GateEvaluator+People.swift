import FoundationEssentials
import RunnerCore
import RunnerExecution

/// Gates that people pass.
extension GateEvaluator {
    var approvals: GateVerdict.State? {
        guard let rule = protection.approvals else { return nil }
        let needed = hotfix?.approvals ?? rule.count
        let until = facts.askedAt.addingTimeInterval(rule.within.seconds)
        if let no = facts.approvals.last(where: { !$0.isApproval && $0.planHash == facts.planHash }) {
            return .refused("rejected by \(no.who)" + (no.reason.isEmpty ? "" : ": \(no.reason)"))
        }
        let valid = facts.approvals.filter { $0.isApproval && $0.planHash == facts.planHash && counts($0, rule) }
        // A person counts once, however often or fast.
        let people = Dictionary(valid.map { ($0.who, $0.role) }) { first, _ in first }
        let missing = rule.from.filter { name in
            !people.contains { who, role in who == name || role.rawValue == name }
        }
        if people.count >= needed, missing.isEmpty {
            return .passed(people.isEmpty ? "none is needed" : "by \(people.keys.sorted().joined(separator: ", "))")
        }
        guard facts.now < until else {
            return .refused("not approved within \(rule.within.words)")
        }
        var words = "\(people.count) of \(max(needed, people.count)) approvals"
        if !missing.isEmpty { words += ", still \(missing.joined(separator: ", "))" }
        let void = Set(facts.approvals.filter { $0.isApproval && $0.planHash != facts.planHash }.map(\.who))
        if !void.isEmpty {
            words += "; \(void.sorted().joined(separator: ", ")) approved another plan, which does not count"
        }
        let owner = missing.isEmpty ? "anyone who may approve" : missing.joined(separator: ", ")
        return .waiting(words, owner: owner, until: until)
    }

    private func counts(_ approval: GateFacts.Approval, _ rule: Protection.Approvals) -> Bool {
        guard approval.role >= .approver else { return false }
        return rule.mayBeAuthor || !isAuthor(approval.who)
    }

    /// Whoever wrote the commit, or asked for the deployment.
    private func isAuthor(_ who: String) -> Bool {
        if who == facts.askedBy { return true }
        let author = facts.release.author
        guard let bracket = author.lastIndex(of: "<") else { return author == who }
        let name = author[..<bracket].trimmingSpaces
        let address = author[author.index(after: bracket)...].prefix { $0 != ">" }
        let local = address.prefix { $0 != "@" }
        return [name, String(address), String(local)].contains { $0.lowercased() == who.lowercased() }
    }

    var checklist: GateVerdict.State? {
        guard !protection.checklist.isEmpty else { return nil }
        var open: [Protection.ChecklistItem] = []
        for item in protection.checklist {
            let answer = facts.answers.last { answer in
                // What a machine says is not for people to say, and the other way round.
                answer.item == item.name && answer.planHash == facts.planHash
                    && (answer.by == "runner") == (item.check != nil)
            }
            guard let answer else {
                open.append(item)
                continue
            }
            guard answer.isGood else {
                let detail = answer.detail.isEmpty ? "" : ": \(answer.detail)"
                return .waiting(
                    "\(item.name.quoted) says no\(detail)",
                    owner: item.check == nil ? answer.by : "whoever mends it"
                )
            }
        }
        guard let first = open.first else { return .passed("all \(protection.checklist.count) items") }
        let names = open.map(\.name.quoted).joined(separator: ", ")
        return .waiting("still \(names)", owner: first.check == nil ? "whoever signs it" : "the server")
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
