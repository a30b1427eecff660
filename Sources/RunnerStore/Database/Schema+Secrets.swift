extension Schema {
    /// Values are sealed; a version that is not the newest keeps who made it and when, and no value. Numbers of versions are
    /// not given twice, also not after a secret was removed: outcomes are known by them.
    static let secrets = SchemaStep(
        version: 2,
        up: """
            CREATE TABLE secret (
                name TEXT NOT NULL,
                environment TEXT NOT NULL,
                version INTEGER NOT NULL,
                sealed BLOB,
                keyID TEXT,
                createdAt REAL NOT NULL,
                createdBy TEXT NOT NULL,
                PRIMARY KEY (name, environment, version),
                CHECK ((sealed IS NULL) = (keyID IS NULL))
            ) STRICT;
            CREATE TABLE secretCount (
                name TEXT NOT NULL,
                environment TEXT NOT NULL,
                versions INTEGER NOT NULL,
                PRIMARY KEY (name, environment)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE secretUse (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                at REAL NOT NULL,
                run INTEGER NOT NULL,
                repository TEXT NOT NULL,
                ref TEXT NOT NULL,
                stage TEXT NOT NULL,
                name TEXT NOT NULL,
                environment TEXT NOT NULL,
                version TEXT NOT NULL
            ) STRICT;
            CREATE INDEX secretUse_name ON secretUse (name, environment, id);
            """,
        down: "DROP TABLE secretUse; DROP TABLE secretCount; DROP TABLE secret;"
    )
}
