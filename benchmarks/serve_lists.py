"""Lists of runs with 100,000 of them, beside the same lists with 100."""

import os
import sqlite3
import time
from contextlib import closing

from common import Bench, median, seconds, table
from serve_daemon import Daemon, bare

FEW, MANY = 100, 100_000
REQUESTS = 50
PIPELINE = "name: list\non: { branches: [develop] }\nstages:\n  one: { run: 'true' }\n"
QUERIES = {
    "the newest": "/api/v1/runs",
    "of a repository": "/api/v1/runs?repository=watched",
    "of a pipeline": "/api/v1/runs?pipeline=list-3",
    "of a ref": "/api/v1/runs?ref=refs/heads/n7",
    "that failed": "/api/v1/runs?outcome=failed",
    "of a ref, that failed": "/api/v1/runs?ref=refs/heads/n7&outcome=failed",
    "that are open": "/api/v1/runs?open=true",
    "from the middle on": "/api/v1/runs?before={middle}",
    "one run": "/api/v1/runs/1",
    "status": "/api/v1/status",
    "metrics": "/metrics",
}


def run(bench: Bench) -> None:
    project = bench.repository("project", {"pipelines/list.yml": PIPELINE})
    watched = bare(bench, "watched.git", project)
    with Daemon(bench, "lists", {"watched": {"url": watched}}) as daemon:
        daemon.start()
        bench.git(project, "commit", "-q", "--allow-empty", "-m", "next")
        bench.git(project, "push", "-q", watched, "develop")
        daemon.wait_for_end(1)
        few = measure(daemon, FEW)
        many = measure(daemon, MANY)
    rows = [
        [name, seconds(few[name]), seconds(many[name]), f"{many[name] / few[name]:.1f}"] for name in many
    ]
    table(f"Lists of runs (median of {REQUESTS} requests)", ["what", f"{FEW} runs", f"{MANY:,} runs", "ratio"], rows)
    print(f"\nThe database of {MANY:,} runs: {os.path.getsize(daemon.state + '/runner.db') / 1e6:.0f} MB.")


def measure(daemon: Daemon, count: int) -> dict:
    daemon.stop()
    with closing(sqlite3.connect(os.path.join(daemon.state, "runner.db"))) as database:
        fill(database, count)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    times = {"start of the daemon": daemon.start()}
    for name, path in QUERIES.items():
        path = path.format(middle=count // 2)
        samples = []
        for _ in range(REQUESTS):
            begin = time.perf_counter()
            daemon.get(path)
            samples.append(time.perf_counter() - begin)
        times[name] = median(samples)
    return times


def fill(database: sqlite3.Connection, count: int) -> None:
    """Copies run 1 until there are so many: other refs, pipelines, outcomes, and all of it long over."""
    have = database.execute("SELECT max(number) FROM run").fetchone()[0]
    changes = {
        "number": "n", "refEvent": "NULL", "ref": "'refs/heads/n' || (n % 50)", "pipeline": "'list-' || (n % 10)",
        "outcome": "CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'succeeded' END", "change": "change + n",
        # One every minute.
        "createdAt": f"createdAt - ({count} - n) * 60", "startedAt": f"startedAt - ({count} - n) * 60",
        "finishedAt": f"finishedAt - ({count} - n) * 60",
    }
    for name, key in (("run", "number"), ("runPlan", "run"), ("stageRun", "run")):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
        changed = {**changes, key: "n"} if name == "run" else {key: "n"}
        values = ", ".join(changed.get(column, column) for column in columns)
        database.execute(
            f"WITH RECURSIVE seq (n) AS (SELECT {have + 1} UNION ALL SELECT n + 1 FROM seq WHERE n < {count})"
            f" INSERT INTO {name} ({', '.join(columns)}) SELECT {values} FROM {name}, seq WHERE {key} = 1"
        )
    database.commit()
