"""1,000 readers of one log while it is written, beside one reader of it."""

import asyncio
import socket
import time
import zlib

from common import Bench, median, seconds, table
from serve_daemon import Daemon, bare, quantile

FOLLOWERS = 1000
BURSTS, LINES = 200, 100
# Fixed, so that a reader knows which line it has come to by the offset alone.
WIDTH = 50


def run(bench: Bench) -> None:
    gate = socket.create_server(("127.0.0.1", 0))
    gate.settimeout(60)
    project = bench.repository("project", {"pipelines/follow.yml": pipeline(gate.getsockname()[1])})
    watched = bare(bench, "watched.git", project)
    rows = []
    with Daemon(bench, "follow", {"watched": {"url": watched}}) as daemon:
        daemon.start()
        for number, followers in enumerate([1, FOLLOWERS], 1):
            bench.git(project, "push", "-q", watched, f"develop:refs/heads/f{number}")
            rows.append(measure(daemon, gate, number, followers))
    table(f"A log of {BURSTS * LINES:,} lines ({BURSTS * LINES * WIDTH / 1e6:.0f} MB) in about ten seconds, followed",
          ["followers", "line to last follower", "p99", "all bytes", "more resident", "more anonymous", "afterwards",
           "daemon's processor", "readers' processor"], rows)


def pipeline(port: int) -> str:
    """A stage that waits until everybody listens, then prints lines that say when they were written."""
    script = "\n".join([
        f"exec 3<> /dev/tcp/127.0.0.1/{port}",
        "read -r -u 3 _",
        f"for ((burst = 0; burst < {BURSTS}; burst++)); do",
        f"  for ((line = 0; line < {LINES}; line++)); do",
        f"    printf '%-{WIDTH - 1}s\\n' \"$EPOCHREALTIME burst $burst line $line\"",
        "  done",
        "  read -r -t 0.05 -u 3 _ || true",
        "done",
    ])
    indented = "".join(f"      {line}\n" for line in script.splitlines())
    return f"name: follow\non: {{ branches: ['f*'] }}\nstages:\n  print:\n    run: |\n{indented}"


def measure(daemon: Daemon, gate: socket.socket, run: int, followers: int) -> list:
    before = daemon.memory()
    stage, _ = gate.accept()
    readers = [Reader() for _ in range(followers)]
    processor, own = daemon.processor(), time.process_time()
    peak = asyncio.run(follow(daemon, stage, f"/api/v1/runs/{run}/stages/print/steps/0/log", readers))
    processor, own = daemon.processor() - processor, time.process_time() - own
    stage.close()
    daemon.wait_for_end(run)
    time.sleep(1)
    after = daemon.memory()
    with open(daemon.step_log(run, "print"), "rb") as file:
        log = file.read()
    written = [float(log[mark(burst) - WIDTH:].split(b" ", 1)[0]) for burst in range(BURSTS)]
    late = [max(reader.arrivals[burst] for reader in readers) - written[burst] for burst in range(BURSTS)]
    whole = zlib.crc32(log.replace(b"\n", b"\\n"))
    complete = sum(reader.check == whole and reader.offset == len(log) for reader in readers)
    return [f"{followers:,}", seconds(median(late)), seconds(quantile(late, 0.99)), f"{complete:,} of {followers:,}",
            *(f"{(high - low) / 1024:.1f} MB" for high, low in zip(peak, before)),
            f"{(after[0] - before[0]) / 1024:.1f} MB", seconds(processor), seconds(own)]


def mark(burst: int) -> int:
    """The offset at which a burst's last line has ended."""
    return (burst + 1) * LINES * WIDTH


class Reader:
    """One follower: what it got, and when."""

    def __init__(self):
        self.offset = 0
        self.check = 0
        self.arrivals = [float("inf")] * BURSTS
        self.burst = 0

    async def read(self, socket_path: str, path: str, connected: asyncio.Semaphore) -> None:
        reader, writer = await asyncio.open_unix_connection(socket_path, limit=1 << 20)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode())
        rest = b""
        try:
            while True:
                # The frames of a chunked body: a size, so many bytes, an empty line.
                line = await reader.readline()
                if not rest and line.startswith(b"HTTP/1.1 "):
                    if b" 200 " not in line:
                        raise SystemExit(f"GET {path}: {line.decode().strip()}")
                    while (await reader.readline()).strip():
                        pass
                    connected.release()
                    continue
                size = int(line, 16)
                rest += (await reader.readexactly(size + 2))[:-2]
                *events, rest = rest.split(b"\n\n")
                if size == 0 or any([self.take(event) for event in events]):
                    return
        finally:
            writer.close()

    def take(self, event: bytes) -> bool:
        """True at the end of the stream. The text of an event is a JSON text; only its line ends are escaped."""
        fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if not line.startswith(b":"))
        if fields.get(b"event") == b"text":
            self.check = zlib.crc32(fields[b"data"][1:-1], self.check)
            self.offset = int(fields[b"id"])
            now = time.time()
            while self.burst < BURSTS and self.offset >= mark(self.burst):
                self.arrivals[self.burst] = now
                self.burst += 1
        return fields.get(b"event") == b"end"


async def follow(daemon: Daemon, stage: socket.socket, path: str, readers: list) -> tuple:
    """Opens the gate once all are connected; the most that the daemon held until all have read to the end."""
    connected = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(reader.read(daemon.socket, path, connected)) for reader in readers]
    for _ in readers:
        await asyncio.wait_for(connected.acquire(), 60)
    peak = daemon.memory()
    stage.sendall(b"go\n")
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, timeout=0.5)
        for task in done:
            task.result()
        peak = tuple(max(pair) for pair in zip(peak, daemon.memory()))
    return peak
