extension Schema {
    /// Where releases went, and why. What a deployment was planned from stays with it: the text of its environment's file is
    /// read again where it goes on, whatever the file says by then.
    static let deployments = SchemaStep(
        version: 3,
        up: """
            CREATE TABLE deployWish (
                run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
                stage TEXT NOT NULL,
                wish TEXT NOT NULL,
                at REAL NOT NULL,
                handledAt REAL,
                PRIMARY KEY (run, stage)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE release (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                repository TEXT NOT NULL,
                version TEXT NOT NULL,
                ref TEXT NOT NULL,
                commitID TEXT NOT NULL,
                tree TEXT NOT NULL,
                author TEXT NOT NULL,
                artifactName TEXT NOT NULL DEFAULT '',
                artifactDigest TEXT NOT NULL DEFAULT '',
                run INTEGER,
                createdAt REAL NOT NULL,
                UNIQUE (repository, version, commitID, artifactDigest)
            ) STRICT;
            CREATE INDEX release_version ON release (version, id);
            CREATE TABLE deployment (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                environment TEXT NOT NULL,
                release INTEGER NOT NULL REFERENCES release (id),
                kind TEXT NOT NULL CHECK (kind IN ('deploy', 'rollback', 'drill')),
                askedBy TEXT NOT NULL,
                askedAt REAL NOT NULL,
                run INTEGER,
                stage TEXT,
                definition TEXT NOT NULL,
                plan TEXT NOT NULL,
                planHash TEXT NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('waiting', 'running', 'paused', 'finished')),
                outcome TEXT,
                reason TEXT,
                previous INTEGER REFERENCES release (id),
                rollout TEXT,
                startedAt REAL,
                liveAt REAL,
                finishedAt REAL,
                nextAt REAL,
                cancelReason TEXT,
                supersededBy INTEGER,
                isAnswered INTEGER NOT NULL DEFAULT 0,
                change INTEGER NOT NULL,
                CHECK ((status = 'finished') = (outcome IS NOT NULL))
            ) STRICT;
            CREATE INDEX deployment_open ON deployment (environment, id) WHERE status <> 'finished';
            CREATE INDEX deployment_environment ON deployment (environment, id);
            CREATE INDEX deployment_release ON deployment (release, environment);
            CREATE INDEX deployment_run ON deployment (run, stage);
            CREATE INDEX deployment_unanswered ON deployment (id) WHERE isAnswered = 0 AND status = 'finished';
            CREATE TABLE deploymentEvent (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                deployment INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
                at REAL NOT NULL,
                kind TEXT NOT NULL,
                text TEXT NOT NULL
            ) STRICT;
            CREATE INDEX deploymentEvent_deployment ON deploymentEvent (deployment, id);
            CREATE TABLE gateMark (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                deployment INTEGER NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
                kind TEXT NOT NULL CHECK (kind IN ('approved', 'rejected', 'signed', 'checked', 'overridden')),
                subject TEXT NOT NULL,
                actor TEXT NOT NULL,
                role TEXT NOT NULL,
                reason TEXT NOT NULL,
                isGood INTEGER NOT NULL,
                planHash TEXT NOT NULL,
                at REAL NOT NULL
            ) STRICT;
            CREATE INDEX gateMark_deployment ON gateMark (deployment, id);
            CREATE TABLE freeze (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                environment TEXT NOT NULL,
                until REAL,
                reason TEXT NOT NULL,
                actor TEXT NOT NULL,
                at REAL NOT NULL,
                liftedAt REAL
            ) STRICT;
            CREATE INDEX freeze_open ON freeze (environment) WHERE liftedAt IS NULL;
            CREATE TABLE live (
                environment TEXT PRIMARY KEY,
                release INTEGER NOT NULL REFERENCES release (id),
                deployment INTEGER NOT NULL REFERENCES deployment (id),
                since REAL NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE deployPlace (
                environment TEXT NOT NULL,
                target TEXT NOT NULL,
                slot TEXT NOT NULL,
                place TEXT NOT NULL,
                retireAt REAL,
                PRIMARY KEY (environment, target, slot)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE healthSpan (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                environment TEXT NOT NULL,
                release INTEGER NOT NULL,
                since REAL NOT NULL,
                until REAL NOT NULL,
                isHealthy INTEGER NOT NULL,
                detail TEXT NOT NULL
            ) STRICT;
            CREATE INDEX healthSpan_environment ON healthSpan (environment, release, id);
            CREATE TABLE migrationRun (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                environment TEXT NOT NULL,
                deployment INTEGER NOT NULL REFERENCES deployment (id),
                migration TEXT NOT NULL,
                checksum TEXT NOT NULL,
                kind TEXT NOT NULL,
                isReversible INTEGER NOT NULL,
                isBack INTEGER NOT NULL,
                seconds REAL NOT NULL,
                at REAL NOT NULL
            ) STRICT;
            CREATE INDEX migrationRun_environment ON migrationRun (environment, migration);
            CREATE TABLE backup (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                environment TEXT NOT NULL,
                cause TEXT NOT NULL,
                handle TEXT NOT NULL,
                isFile INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                digest TEXT NOT NULL,
                seconds REAL NOT NULL,
                createdAt REAL NOT NULL,
                verifiedAt REAL,
                verifyProblem TEXT,
                removedAt REAL
            ) STRICT;
            CREATE INDEX backup_environment ON backup (environment, createdAt);
            CREATE INDEX run_tree ON run (json_extract(event, '$.tree'), pipeline, number);
            CREATE INDEX audit_subject ON audit (action, subject);
            CREATE TABLE clockMark (name TEXT PRIMARY KEY, at REAL NOT NULL) STRICT, WITHOUT ROWID;
            """,
        down: """
            DROP INDEX audit_subject; DROP INDEX run_tree;
            DROP TABLE clockMark; DROP TABLE backup; DROP TABLE migrationRun; DROP TABLE healthSpan;
            DROP TABLE deployPlace; DROP TABLE live; DROP TABLE freeze; DROP TABLE gateMark;
            DROP TABLE deploymentEvent; DROP TABLE deployment; DROP TABLE release; DROP TABLE deployWish;
            """
    )
}
