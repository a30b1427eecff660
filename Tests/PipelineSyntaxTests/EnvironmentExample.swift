import RunnerCore

/// A file with every key of an environment; where keys exclude each other, with one of them.
let environmentExample = #"""
    name: production
    url: https://shop.example.com
    repositories: [shop]
    variables: { LOG_LEVEL: warn, EMPTY: "" }
    secrets: [DATABASE_URL]
    targets:
      web-1:
        host: "ssh://deploy@web-1:2222"
        identity: /etc/runner/deploy.key
        known-hosts: /etc/runner/known_hosts
        path: /srv/shop
        address: 10.0.0.1:8080
        labels: [eu]
        weight: 50
        slots: { blue: 10.0.0.1:8081, green: 10.0.0.1:8082 }
      here: { path: /srv/shop, slots: { blue: "127.0.0.1:8081", green: "127.0.0.1:8082" } }
    strategy: { canary: { steps: [{ weight: 5, hold: 10m }, { weight: 50, hold: 20m }] } }
    release:
      directory: { keep: 7, shared: [uploads], restart: ./restart, stop: ./stop, timeout: 1m }
    traffic:
      nginx: { file: /etc/nginx/conf.d/shop.conf, upstream: shop, test: nginx -tq, reload: systemctl reload nginx }
      host: ssh://balancer
      identity: /etc/runner/balancer.key
      known-hosts: /etc/runner/balancer_hosts
      drain: 1s
      timeout: 10s
    health:
      http: { path: /health, status: [200, 204], json: { status: healthy, db.up: 1 }, contains: ok }
      interval: 2s
      timeout: 3s
      threshold: 4
      deadline: 50s
    smoke: { run: ./smoke, timeout: 1m }
    watch:
      for: 10m
      interval: 20s
      rules:
        errors: { prometheus: { url: "http://127.0.0.1:9090", query: "e{v='{version}'}" }, above: 5, compare: stable }
        slow: { probe: p95, above: 0.5 }
        failed: { probe: error-rate, above: 0 }
        queue: { http: { url: "http://127.0.0.1/q", path: errors.rate }, above: 100, failures: 3 }
        own: { command: ./own, below: -1.5 }
    migrations: { sql: db/migrations, database: DATABASE_URL, timeout: 10m, lock-timeout: 2s }
    backup:
      create: ./create
      restore: ./restore
      verify: ./verify
      remove: ./remove
      timeout: 20m
      schedule: { cron: "0 2 * * *", zone: Europe/Berlin }
      before-migrations: false
      retention: { daily: 3, weekly: 2, monthly: 1 }
    protection:
      refs: { branches: [main, "hotfix/*"], tags: ["v*"] }
      signed: true
      newer: true
      passed: [ci]
      after: { environment: staging, healthy: 24h }
      approvals: { count: 2, from: [alice, approver], may-be-author: true, within: 2d }
      checklist: { docs: The manual is up to date, scan: { text: No known flaws, run: ./scan, timeout: 1m } }
    windows: [{ days: [mon, wed-thu, thu], from: 09:00, to: "17:30", zone: Europe/Berlin }]
    freezes: [{ from: 2026-12-20, to: 2027-01-02T06:00, zone: Europe/Berlin, reason: holidays }]
    hotfix: { branches: ["fix/*"], skip: [soak, freeze], approvals: 0, watch: 1h, merge-back: main }
    on-crash: roll-back
    drill: { cron: "0 4 * * 0", zone: Europe/Berlin }
    """#

/// What the file says.
let environmentExampleValue: DeployEnvironment = {
    var balancer = SSHHost(host: "balancer")
    balancer.identity = "/etc/runner/balancer.key"
    balancer.knownHosts = "/etc/runner/balancer_hosts"
    var release = DirectoryRelease()
    release.keep = 7
    release.shared = ["uploads"]
    release.restart = Script("./restart", timeout: .seconds(60))
    release.stop = Script("./stop", timeout: .seconds(60))
    var value = DeployEnvironment(name: "production", targets: exampleTargets, release: .directory(release))
    value.url = "https://shop.example.com"
    value.repositories = ["shop"]
    value.variables = [PlainVariable(name: "LOG_LEVEL", value: "warn"), PlainVariable(name: "EMPTY", value: "")]
    value.secrets = ["DATABASE_URL"]
    value.strategy = .canary([.init(weight: 5, hold: .seconds(600)), .init(weight: 50, hold: .seconds(1_200))])
    value.traffic = TrafficDriver(
        .nginx(
            file: "/etc/nginx/conf.d/shop.conf",
            upstream: "shop",
            test: "nginx -tq",
            reload: "systemctl reload nginx"
        ),
        host: .ssh(balancer),
        drain: .seconds(1),
        timeout: .seconds(10)
    )
    value.health = exampleHealth
    value.smoke = Script("./smoke", timeout: .seconds(60))
    value.watch = exampleWatch
    value.migrations = MigrationSettings(
        .sql(directory: "db/migrations"),
        timeout: .seconds(600),
        lockTimeout: .seconds(2)
    )
    value.backup = exampleBackup
    value.protection = exampleProtection
    value.windows = [DeployWindow(days: [.monday, .wednesday, .thursday], from: 540, to: 1_050, zone: "Europe/Berlin")]
    value.freezes = [
        DeployFreeze(from: "2026-12-20T00:00", to: "2027-01-02T06:00", zone: "Europe/Berlin", reason: "holidays")
    ]
    value.hotfix = HotfixRules(
        branches: PatternList(["fix/*"]),
        skips: [.soak, .freeze],
        approvals: 0,
        bake: .seconds(3_600),
        mergeBack: "main"
    )
    value.onCrash = .rollBack
    value.drill = Schedule(cron: "0 4 * * 0", zone: "Europe/Berlin")
    return value
}()

private let exampleTargets: [DeployTarget] = {
    let host = SSHHost(
        user: "deploy",
        host: "web-1",
        port: 2_222,
        identity: "/etc/runner/deploy.key",
        knownHosts: "/etc/runner/known_hosts"
    )
    var web = DeployTarget(name: "web-1", host: .ssh(host), path: "/srv/shop", address: "10.0.0.1:8080")
    web.slots = [.blue: "10.0.0.1:8081", .green: "10.0.0.1:8082"]
    web.labels = ["eu"]
    web.weight = 50
    var here = DeployTarget(name: "here", path: "/srv/shop")
    here.slots = [.blue: "127.0.0.1:8081", .green: "127.0.0.1:8082"]
    return [web, here]
}()

private let exampleHealth: HealthCheck = {
    var probe = HTTPProbe(path: "/health")
    probe.statuses = [200, 204]
    probe.json = [PlainVariable(name: "status", value: "healthy"), PlainVariable(name: "db.up", value: "1")]
    probe.contains = "ok"
    return HealthCheck(
        .http(probe),
        interval: .seconds(2),
        timeout: .seconds(3),
        threshold: 4,
        deadline: .seconds(50)
    )
}()

private let exampleWatch = WatchSettings(
    bake: .seconds(600),
    interval: .seconds(20),
    rules: [
        WatchRule(
            name: "errors",
            source: .prometheus(url: "http://127.0.0.1:9090", query: "e{v='{version}'}"),
            bound: .above(5),
            comparesWithStable: true
        ),
        WatchRule(name: "slow", source: .p95, bound: .above(0.5)),
        WatchRule(name: "failed", source: .errorRate, bound: .above(0)),
        WatchRule(
            name: "queue",
            source: .http(url: "http://127.0.0.1/q", path: "errors.rate"),
            bound: .above(100),
            failures: 3
        ),
        WatchRule(name: "own", source: .command(Script("./own")), bound: .below(-1.5)),
    ]
)

private let exampleBackup: BackupSettings = {
    func script(_ text: String) -> Script { Script(text, timeout: .seconds(1_200)) }
    var backup = BackupSettings(
        create: script("./create"),
        restore: script("./restore"),
        beforeMigrations: false,
        retention: BackupRetention(daily: 3, weekly: 2, monthly: 1)
    )
    backup.verify = script("./verify")
    backup.remove = script("./remove")
    backup.schedule = Schedule(cron: "0 2 * * *", zone: "Europe/Berlin")
    return backup
}()

private let exampleProtection: Protection = {
    var protection = Protection()
    protection.branches = PatternList(["main", "hotfix/*"])
    protection.tags = PatternList(["v*"])
    protection.requiresSignature = true
    protection.requiresNewer = true
    protection.passed = ["ci"]
    protection.after = .init(environment: "staging", healthy: .seconds(86_400))
    protection.approvals = .init(
        count: 2,
        from: ["alice", "approver"],
        mayBeAuthor: true,
        within: .seconds(2 * 86_400)
    )
    protection.checklist = [
        .init(name: "docs", text: "The manual is up to date"),
        .init(name: "scan", text: "No known flaws", check: Script("./scan", timeout: .seconds(60))),
    ]
    return protection
}()
