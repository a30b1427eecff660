"""From the start of `git push` to the first command of the stage, beside a hook that does nothing else."""

import os
import sqlite3
import time
from contextlib import closing

from common import Bench, median, table
from serve_daemon import PATIENCE, Daemon, Overdue, bare, free_port, quantile, until
from serve_http import Forge

PUSHES = 50
# Between pushes: time to get the next supervisor ready.
REST = 0.5
# However many hints come, the daemon asks a remote once a second.
HINT_SPACING = 1.0
SECRET = "the forge and the runner know it"
PIPELINE = "name: push\non: { branches: [develop] }\nstages:\n  first: { run: date +%s.%N }\n"


def run(bench: Bench) -> None:
    project = bench.repository("project", {"pipelines/push.yml": PIPELINE, "README.md": "bench\n"})
    os.mkdir(bench.path("served"))
    forge = Forge(bench.path("served"), bench.environment)
    try:
        local(bench, project)
        remote(bench, project, forge)
    finally:
        forge.close()


def local(bench: Bench, project: str) -> None:
    floor = Hook(bench, project, "hook.git")
    watched = bare(bench, "watched.git", project)
    with Daemon(bench, "local", {"watched": {"url": watched}}) as daemon:
        daemon.start()
        subject = Watched(bench, project, daemon, watched, rest=REST)
        measure("a local repository", bench, project, floor, subject, goal=15)
        subject.rest = 0
        measure("a local repository, one right after the other", bench, project, floor, subject)


def remote(bench: Bench, project: str, forge: Forge) -> None:
    floor = Hook(bench, project, "served/hook.git", forge.url("hook.git"))
    pipe = forge.pipe("pushed")
    bare(bench, "served/watched.git", project, f"read old new ref; echo $new > {pipe}")
    secret = bench.path("secret")
    with open(secret, "w") as file:
        file.write(SECRET)
    port = free_port()
    # Only a hint can be in time: the next look of its own is an hour away.
    repository = {"url": forge.url("watched.git"), "poll": "1h", "webhook-secret-file": secret}
    with Daemon(bench, "remote", {"watched": repository}, listen={"address": f"127.0.0.1:{port}"}) as daemon:
        daemon.start()
        forge.tell(pipe, port, "watched", SECRET)
        subject = Watched(bench, project, daemon, forge.url("watched.git"), rest=HINT_SPACING)
        if reason := refusal(subject):
            print(f"\nskipped: push to an http remote. {reason}")
            return
        measure("an http remote with a webhook", bench, project, floor, subject)
        if refused := [status for status in forge.statuses if status != 202]:
            print(f"\n{len(refused)} of {len(forge.statuses)} webhooks were refused, the first with {refused[0]}")


def refusal(watched: "Watched") -> str:
    """Why this daemon takes no pushes from a remote; empty where it does. One push tells, which is not measured."""
    watched.bench.git(watched.project, "commit", "-q", "--allow-empty", "-m", "next")
    try:
        until("the remote was looked at", lambda: {"lookedAt", "problem"} & watched.view().keys(), 0.1, 30)
        watched.patience = 15
        watched.push()
    except Overdue as overdue:
        return f"The daemon says `{watched.view().get('problem', 'nothing')}`; {overdue}."
    watched.patience = PATIENCE
    return ""


class Hook:
    """A bare repository whose post-receive hook writes down when it ran: nothing can hear of a push sooner."""

    def __init__(self, bench: Bench, project: str, name: str, url: str = ""):
        self.bench, self.project = bench, project
        self.mark = bench.path(name.replace("/", "-") + ".time")
        self.url = bare(bench, name, project, f"date +%s.%N > {self.mark}")
        self.url = url or self.url

    def push(self) -> float:
        begin = time.time()
        self.bench.git(self.project, "push", "-q", self.url, "develop")
        with open(self.mark) as file:
            return float(file.read()) - begin


class Watched:
    """A repository that the daemon watches."""

    def __init__(self, bench: Bench, project: str, daemon: Daemon, url: str, rest: float = 0):
        self.bench, self.project, self.daemon, self.url, self.rest = bench, project, daemon, url, rest
        self.count = 0
        self.patience = PATIENCE
        self.parts = {}

    def view(self) -> dict:
        return self.daemon.get("/api/v1/repositories/watched")

    def push(self) -> float:
        self.count += 1
        begin = time.time()
        self.bench.git(self.project, "push", "-q", self.url, "develop")
        self.note("`git push` itself has ended", time.time() - begin)
        log = self.daemon.step_log(self.count, "first", self.patience)
        with open(log) as file:
            first = float(file.readline())
        self.daemon.wait_for_end(self.count)
        with closing(sqlite3.connect(f"file:{self.daemon.state}/runner.db?mode=ro", uri=True)) as database:
            row = database.execute("SELECT createdAt, startedAt FROM run WHERE number = ?", [self.count]).fetchone()
        self.note("the run is recorded", row[0] - begin)
        self.note("the run is begun", row[1] - begin)
        self.note("the first command runs", first - begin)
        time.sleep(self.rest)
        return first - begin

    def note(self, part: str, value: float) -> None:
        self.parts.setdefault(part, []).append(value)


def measure(what: str, bench: Bench, project: str, floor: Hook, watched: Watched, goal=None) -> None:
    hooks, commands = [], []
    watched.parts.clear()
    for _ in range(PUSHES):
        bench.git(project, "commit", "-q", "--allow-empty", "-m", "next")
        hooks.append(floor.push())
        commands.append(watched.push())
    over = median(commands) - median(hooks)
    rows = [
        ["a post-receive hook that runs `date`", milliseconds(median(hooks)), milliseconds(quantile(hooks, 0.99)),
         "1.0"],
        ["runner, first command", milliseconds(median(commands)), milliseconds(quantile(commands, 0.99)),
         f"{median(commands) / median(hooks):.1f}"],
        ["runner less hook" + (f" (goal: {goal} ms)" if goal else ""), milliseconds(over),
         milliseconds(quantile(commands, 0.99) - quantile(hooks, 0.99)), ""],
    ]
    table(f"From the start of `git push`, {what} ({PUSHES} pushes)", ["to", "median", "p99", "times the hook"], rows)
    ordered = sorted(watched.parts.items(), key=lambda part: median(part[1]))
    table(f"On the way, {what}", ["after the start of `git push`", "median"],
          [[part, milliseconds(median(values))] for part, values in ordered])


def milliseconds(value: float) -> str:
    return f"{value * 1000:.1f} ms"
