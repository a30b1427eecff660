"""A `runner serve` of the benchmarks' own: started, asked over its socket, measured, killed."""

import glob
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from contextlib import closing

from common import Bench

PATIENCE = 120


class Overdue(Exception):
    """Something did not happen in time."""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """Its state lies in a directory of its own; `close` ends it and what it runs."""

    def __init__(self, bench: Bench, name: str, repositories: dict, **options):
        self.bench = bench
        self.state = bench.path(name, "state")
        self.log = bench.path(name, "log")
        self.file = bench.path(name, "runner.yml")
        self.socket = os.path.join(self.state, "runner.sock")
        self.process = None
        os.makedirs(self.state)
        # A file of JSON is a file of YAML.
        with open(self.file, "w") as file:
            json.dump({"repositories": repositories, **options}, file)

    def start(self) -> float:
        """Seconds until it answers with every repository looked at."""
        begin = time.perf_counter()
        offset = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.bench.runner, "serve", "--state", self.state, "--config", self.file],
                env=self.bench.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        until("the daemon serves", lambda: b" serving " in self.written(offset) and self.answers(), 0.002)
        return time.perf_counter() - begin

    def written(self, offset: int) -> bytes:
        if self.process.poll() is not None:
            raise SystemExit(f"the daemon ended with status {self.process.returncode}:\n{tail(self.log)}")
        with open(self.log, "rb") as log:
            log.seek(offset)
            return log.read()

    def answers(self) -> bool:
        try:
            self.get("/live")
        except OSError:
            return False
        return True

    def request(self, method: str, path: str, body=None) -> bytes:
        with closing(UnixConnection(self.socket)) as connection:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            response = connection.getresponse()
            data = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path}: {response.status}\n{data.decode(errors='replace')}")
        return data

    def get(self, path: str):
        data = self.request("GET", path)
        return json.loads(data) if data.startswith((b"{", b"[")) else data

    def runs(self, query: str = "") -> list:
        """Every run that the query finds, page by page."""
        found = []
        before = ""
        while True:
            page = self.get(f"/api/v1/runs?limit=200{before}{query}")
            found += page["items"]
            if page.get("next") is None:
                return found
            before = f"&before={page['next']}"

    def wait_for_end(self, count: int, patience: float = PATIENCE) -> None:
        """Until so many runs exist and none is open."""
        def is_over():
            newest = self.get("/api/v1/runs?limit=1")["items"]
            return newest and newest[0]["number"] >= count and not self.get("/api/v1/runs?limit=1&open=true")["items"]

        until(f"{count} runs are over", is_over, 0.02, patience)

    def step_log(self, run: int, stage: str, patience: float = PATIENCE) -> str:
        """Waits for the first bytes of a stage's first step; the path of its log."""
        pattern = os.path.join(self.state, "runs", str(run), stage, "01-*.log")

        def path():
            return next((name for name in glob.glob(pattern) if os.path.getsize(name)), None)

        return until(f"run {run} prints", path, 0.005, patience)

    def memory(self) -> tuple:
        """KiB: resident, and the anonymous part of it."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            fields = {line.split(":")[0]: line.split()[1] for line in file if ":" in line.split()[0]}
        return int(fields["Rss"]), int(fields["Anonymous"])

    def processor(self) -> float:
        """Seconds of processor time so far, its threads included, its children not."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            print("the daemon did not end within 30 s of SIGTERM", flush=True)
            self.kill()

    def close(self) -> None:
        """What runs is ended first: supervisors outlive their daemon."""
        if self.process is not None and self.process.poll() is None:
            for run in self.runs("&open=true"):
                self.request("POST", f"/api/v1/runs/{run['number']}/cancel", {})
            until("no run is open", lambda: not self.runs("&open=true"), 0.1)
            self.stop()
        self.tell_problems()

    def tell_problems(self) -> None:
        """A number is worth nothing where the daemon complained."""
        with open(self.log, errors="replace") as log:
            lines = [line for line in log if " warning " in line or " error " in line]
        if lines:
            print(f"\nThe daemon complained {len(lines)} times; the first ones:\n" + "".join(lines[:5]))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()


def until(what: str, condition, pause: float, patience: float = PATIENCE):
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Overdue(f"waited {patience:.0f} s in vain until {what}")
        time.sleep(pause)


def tail(path: str) -> str:
    with open(path, errors="replace") as file:
        return "".join(file.readlines()[-20:])


def bare(bench: Bench, name: str, source: str, hook: str = "") -> str:
    """A bare clone of `source` under this name, with a post-receive hook."""
    directory = bench.path(name)
    bench.git(bench.root, "clone", "-q", "--bare", source, directory)
    if hook:
        path = os.path.join(directory, "hooks", "post-receive")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\n{hook}\n")
        os.chmod(path, 0o755)
    return directory


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quantile(values, part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
