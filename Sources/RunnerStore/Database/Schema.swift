/// One version of the database's form, and the way there and back.
struct SchemaStep: Sendable {
    let version: Int
    let up: String
    let down: String
}

/// Every version, the oldest first. A step that was released is never edited: the next one changes what it made.
enum Schema {
    static let steps: [SchemaStep] = [first, secrets, deployments]

    private static let first = SchemaStep(
        version: 1,
        up: """
            CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE repository (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                definition TEXT NOT NULL,
                origin TEXT NOT NULL CHECK (origin IN ('file', 'added')),
                isSeen INTEGER NOT NULL DEFAULT 0,
                addedAt REAL NOT NULL,
                removedAt REAL,
                lookedAt REAL,
                problem TEXT,
                transportNote TEXT
            ) STRICT;
            CREATE TABLE ref (
                repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                object TEXT NOT NULL,
                commitID TEXT NOT NULL,
                PRIMARY KEY (repository, name)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE refEvent (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
                change TEXT NOT NULL,
                seenAt REAL NOT NULL,
                isFirstSight INTEGER NOT NULL,
                handledAt REAL,
                verdict TEXT
            ) STRICT;
            CREATE INDEX refEvent_open ON refEvent (id) WHERE handledAt IS NULL;
            CREATE INDEX refEvent_repository ON refEvent (repository, id);
            CREATE TABLE run (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                repository INTEGER NOT NULL REFERENCES repository (id),
                pipeline TEXT NOT NULL,
                refEvent INTEGER REFERENCES refEvent (id) ON DELETE SET NULL,
                kind TEXT NOT NULL,
                ref TEXT NOT NULL,
                event TEXT NOT NULL,
                cause TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('pending', 'waiting', 'running', 'finished')),
                outcome TEXT,
                reason TEXT,
                priority INTEGER NOT NULL,
                lockName TEXT,
                policy TEXT,
                slots INTEGER NOT NULL,
                cpu REAL NOT NULL,
                memory INTEGER NOT NULL,
                createdAt REAL NOT NULL,
                startedAt REAL,
                finishedAt REAL,
                supersededBy INTEGER,
                rerunOf INTEGER,
                cancelReason TEXT,
                followed INTEGER NOT NULL DEFAULT 0,
                change INTEGER NOT NULL,
                UNIQUE (refEvent, pipeline),
                CHECK ((status = 'finished') = (outcome IS NOT NULL))
            ) STRICT;
            CREATE INDEX run_open ON run (number) WHERE status <> 'finished';
            CREATE INDEX run_change ON run (change);
            CREATE INDEX run_repository ON run (repository, number);
            CREATE INDEX run_repository_pipeline ON run (repository, pipeline, number);
            CREATE INDEX run_repository_ref ON run (repository, ref, number);
            CREATE INDEX run_repository_outcome ON run (repository, outcome, number);
            CREATE INDEX run_pipeline ON run (pipeline, number);
            CREATE INDEX run_ref ON run (ref, number);
            CREATE INDEX run_outcome ON run (outcome, number);
            CREATE INDEX run_walk ON run (number, ref);
            CREATE INDEX run_created ON run (createdAt);
            CREATE TABLE runPlan (
                run INTEGER PRIMARY KEY REFERENCES run (number) ON DELETE CASCADE,
                plan TEXT NOT NULL,
                selection TEXT NOT NULL
            ) STRICT;
            CREATE TABLE stageRun (
                run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
                position INTEGER NOT NULL,
                name TEXT NOT NULL,
                isFinally INTEGER NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('pending', 'waiting', 'running', 'finished')),
                outcome TEXT,
                reason TEXT,
                attempt INTEGER NOT NULL DEFAULT 1,
                startedAt REAL,
                seconds REAL,
                reusedFrom INTEGER,
                PRIMARY KEY (run, position)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE lock (
                name TEXT PRIMARY KEY,
                run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
                reason TEXT NOT NULL,
                takenAt REAL NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE scheduleMark (
                repository INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
                pipeline TEXT NOT NULL,
                cron TEXT NOT NULL,
                zone TEXT NOT NULL,
                firedAt REAL NOT NULL,
                PRIMARY KEY (repository, pipeline, cron, zone)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE delivery (id TEXT PRIMARY KEY, receivedAt REAL NOT NULL) STRICT, WITHOUT ROWID;
            CREATE INDEX delivery_received ON delivery (receivedAt);
            CREATE TABLE token (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                role TEXT NOT NULL,
                hash TEXT NOT NULL UNIQUE,
                createdAt REAL NOT NULL,
                expiresAt REAL,
                usedAt REAL
            ) STRICT;
            CREATE TABLE audit (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at REAL NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                subject TEXT NOT NULL,
                detail TEXT NOT NULL,
                hash TEXT NOT NULL
            ) STRICT;
            """,
        down: """
            DROP TABLE audit; DROP TABLE token; DROP TABLE delivery; DROP TABLE scheduleMark; DROP TABLE lock;
            DROP TABLE stageRun; DROP TABLE runPlan; DROP TABLE run; DROP TABLE refEvent; DROP TABLE ref;
            DROP TABLE repository; DROP TABLE setting;
            """
    )
}
