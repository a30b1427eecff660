package import FoundationEssentials
import Glibc
package import RunnerCore
import SystemPackage

/// Keeps a state directory within its budgets. Nothing that a run needs is ever taken, and a kill at any point leaves
/// nothing by half: what goes is renamed to a name with a dot first.
package struct Eviction: Sendable {
    private let state: StateDirectory
    private let database: RunnerDatabase
    private let options: ServerOptions

    private static let aside = ".gc-"

    package init(_ state: StateDirectory, _ database: RunnerDatabase, _ options: ServerOptions) {
        self.state = state
        self.database = database
        self.options = options
    }

    /// Decides, and, unless it is a dry run, cleans up. `protection` adds to what open runs need. Works with no byte free.
    package func run(
        isDryRun: Bool,
        protection extra: EvictionShield = EvictionShield(),
        now: Date = Date()
    ) async throws -> EvictionReport {
        let reserve = DiskReserve(state.reserve)
        if !isDryRun {
            if DiskReserve.isDiskFull(at: state.path) { reserve.release() }
            sweep()
        }
        var protection = try await EvictionShield.gather(state, database)
        protection.formUnion(extra)
        let items = try await items(now)
        let free = try DiskSpace(at: state.path).freeBytes
        let plan = EvictionPlan.make(
            items: items,
            budgets: budgets,
            protection: protection,
            shortBy: options.minimumFree - free,
            now: now
        )
        var report = EvictionReport(isDryRun: isDryRun)
        report.totals = Self.totals(items)
        report.kept = plan.kept.map(EvictionReport.Line.init)
        if isDryRun {
            report.removed = plan.evicted.map(EvictionReport.Line.init)
            return report
        }
        try await remove(plan, protection, &report)
        chill(items, protection, now, &report)
        try await forgetEvents(now)
        try reserve.ensure()
        return report
    }

    /// Runs lose their files with their rows: the shorter of the two ages counts.
    private var budgets: [ServerOptions.DataClass: ServerOptions.Budget] {
        var budgets = options.budgets
        let ages = [options.keepRuns, budgets[.logs]?.age].compactMap(\.self)
        budgets[.logs, default: ServerOptions.Budget()].age = ages.min()
        return budgets
    }

    private func items(_ now: Date) async throws -> [EvictionItem] {
        let inventory = EvictionInventory(state: state)
        let budget = budgets[.logs]
        let states = try await database.runStates()
        let runs = inventory.runs(states) { usedAt in
            if budget?.size != nil { return true }
            return budget?.age.map { now.timeIntervalSince(usedAt) > TimeInterval($0.components.seconds) } ?? false
        }
        return try inventory.workspaces() + inventory.caches() + inventory.outcomes()
            + inventory.buildCaches() + inventory.layers()
            + inventory.mirrors()
            + inventory.artifacts() + runs
    }

    private static func totals(_ items: [EvictionItem]) -> [EvictionReport.Total] {
        ServerOptions.DataClass.allCases.map { dataClass in
            let members = items.filter { $0.dataClass == dataClass }
            let bytes = members.reduce(0) { $0 + $1.bytes }
            return EvictionReport.Total(dataClass: dataClass, items: members.count, bytes: bytes)
        }
    }

    // MARK: - Removing

    private func remove(
        _ plan: EvictionPlan,
        _ protection: EvictionShield,
        _ report: inout EvictionReport
    ) async throws {
        /// What stays needs what it rests on.
        var needed: Set<EvictionItem.Subject> = []
        for verdict in plan.evicted where !verdict.item.isRun {
            do {
                let isNeeded = needed.contains(verdict.item.subject)
                if let why = isNeeded ? "something rests on it that stays" : try remove(verdict.item) {
                    report.kept.append(.init(.init(item: verdict.item, why: why)))
                    needed.formUnion(verdict.item.restsOn)
                    continue
                }
                report.removed.append(.init(verdict))
            } catch {
                report.problems.append("cannot remove \(verdict.item.subject): \(error)")
            }
        }
        if report.removed.contains(where: { $0.dataClass == .artifacts }) {
            do {
                _ = try PromotionStore(state).prune()
                _ = try ProvenanceStore(state).prune()
            } catch {
                report.problems.append("cannot forget who made artifacts that are gone: \(error)")
            }
        }
        try removeBlobs(protection, &report)
        try await removeRuns(plan.evicted.filter(\.item.isRun), &report)
    }

    private static let justUsed = "it was used just now"

    /// Why it stays, for what was used since it was looked at; `nil` where it is gone.
    private func remove(_ item: EvictionItem) throws -> String? {
        switch item.subject {
        case .cache(let id):
            guard let hold = CacheHold.alone(item.path) else {
                return FileSystem.exists(item.path) ? "a stage uses it" : nil
            }
            if EvictionInventory.time(item.path.appending("meta.json")) > item.usedAt { return Self.justUsed }
            try CacheStore.forget(id, in: state)
            try remove(item.path)
            withExtendedLifetime(hold) {}
        case .layer:
            if EvictionInventory.time(item.path.appending("meta.json")) > item.usedAt { return Self.justUsed }
            try remove(item.path)
        case .artifact(let digest):
            if EvictionInventory.time(item.path) > item.usedAt { return Self.justUsed }
            for place in ArtifactStore(state.artifacts).places(of: digest) { try remove(place) }
        case .mirror(let name):
            guard let lock = try FileLock(state.repositories.appending("\(name).lock"), wait: false) else {
                return Self.justUsed
            }
            try remove(item.path)
            withExtendedLifetime(lock) {}
        case .outcome:
            if EvictionInventory.time(item.path) > item.usedAt { return Self.justUsed }
            try remove(item.path)
        case .buildCache:
            if EvictionInventory.time(item.path) > item.usedAt { return Self.justUsed }
            try TreeRemoval.remove(item.path)
        case .run, .workspace: try remove(item.path)
        }
        return nil
    }

    /// Compresses artifacts that nobody has used for a day: what is used is mounted, and lies there as it is.
    private func chill(
        _ items: [EvictionItem],
        _ protection: EvictionShield,
        _ now: Date,
        _ report: inout EvictionReport
    ) {
        let store = ArtifactStore(state.artifacts)
        let limit = now - Self.warmTime
        do {
            let isWarm = { (item: EvictionItem) in item.usedAt > limit || protection.reason(for: item) != nil }
            let artifacts = items.filter { $0.dataClass == .artifacts }
            let cold = artifacts.filter { !isWarm($0) && !$0.isChilled(in: store) }
            guard !cold.isEmpty else { return }
            let kept = try store.kept()
            let warm = Set(artifacts.filter(isWarm).map(\.path))
            let names = Set(kept.filter { warm.contains($0.path) }.flatMap(\.blobs.keys))
            let byPath = Dictionary(kept.map { ($0.path, $0) }) { first, _ in first }
            for item in cold {
                guard let artifact = byPath[item.path] else { continue }
                report.compressed += try store.chill(artifact, unusedSince: item.usedAt, warm: names)
            }
        } catch {
            report.problems.append("cannot compress artifacts: \(error)")
        }
    }

    private static let warmTime: TimeInterval = 86_400

    /// While a run goes on, a file without a name may be about to get one.
    private func removeBlobs(_ protection: EvictionShield, _ report: inout EvictionReport) throws {
        let age: Duration = protection.hasRunning ? .seconds(3600) : .seconds(-1)
        let unnamed =
            try ArtifactStore(state.artifacts).unnamedBlobs(unusedFor: age)
            + BlobStore(state.blobs).unnamed(but: namedBlobs(), unusedFor: age)
        for blob in unnamed {
            do {
                try TreeRemoval.remove(blob)
            } catch {
                report.problems.append("cannot remove a kept file: \(error)")
            }
        }
    }

    /// Every blob that a record names; `nil` where a record cannot be read, which may name any.
    private func namedBlobs() throws -> Set<Digest>? {
        var named: Set<Digest> = []
        for outcome in try ReuseStore(state).kept() {
            guard let record = outcome.record else { return nil }
            named.formUnion(record.files.map(\.digest))
        }
        return named
    }

    /// Rows first: a directory without a row is found again, a row without a directory would be a run that lost its files.
    private func removeRuns(_ runs: [EvictionPlan.Verdict], _ report: inout EvictionReport) async throws {
        var left = runs[...]
        while !left.isEmpty {
            let batch = left.prefix(200)
            left = left.dropFirst(200)
            let numbers = batch.compactMap(\.item.run)
            try await database.forget(numbers)
            report.forgotten += numbers
            for verdict in batch {
                do {
                    if FileSystem.exists(verdict.item.path) { try remove(verdict.item.path) }
                    report.removed.append(.init(verdict))
                } catch {
                    report.problems.append("cannot remove \(verdict.item.subject): \(error)")
                }
            }
        }
    }

    private func forgetEvents(_ now: Date) async throws {
        guard let keep = options.keepRuns else { return }
        try await database.forgetEvents(handledBefore: now - TimeInterval(keep.components.seconds))
    }

    private func remove(_ path: FilePath) throws {
        let aside = path.removingLastComponent().appending("\(Self.aside)\(UniqueName.make())")
        guard rename(path.cString, aside.cString) == 0 else {
            if errno == ENOENT { return }
            throw SystemFailure("rename", path)
        }
        try TreeRemoval.remove(aside)
    }

    /// What a kill left of an earlier clean-up.
    private func sweep() {
        // As below.
        try? BuildCacheStore.sweep(state)
        let stores = [state.layers.appending("trees"), CacheStore.entries(in: state)]
        let reuse = RefTrust.allCases.map { state.layers.appending("reuse").appending($0.rawValue) }
        let parts = ["manifests", "keep", "cold", "trees"].map { state.artifacts.appending($0) }
        for folder in [state.work, state.runs, state.repositories] + stores + reuse + parts {
            for name in FileSystem.names(in: folder) where name.hasPrefix(Self.aside) {
                // What cannot be removed now may be later; it stands in nobody's way.
                try? TreeRemoval.remove(folder.appending(name))
            }
        }
    }
}

extension EvictionItem {
    fileprivate var run: RunNumber? { if case .run(let run) = subject { run } else { nil } }
    fileprivate var isRun: Bool { run != nil }
    fileprivate func isChilled(in store: ArtifactStore) -> Bool {
        if case .artifact(let digest) = subject { store.isChilled(digest, usedAt: usedAt) } else { true }
    }
}
