"""What the daemon takes when nothing happens, by the number of repositories that it watches."""

import os
import shutil
import time

from common import Bench, median, seconds, table
from serve_daemon import Daemon, bare

COUNTS = [1, 100, 1000]
# The daemon looks at everything once a minute: every window holds exactly one such look.
WINDOW = 60
PIPELINE = "name: idle\non: { branches: [develop] }\nstages:\n  one: { run: 'true' }\n"


def run(bench: Bench) -> None:
    project = bench.repository("project", {"pipelines/idle.yml": PIPELINE, "README.md": "bench\n"})
    seed = bare(bench, "seed.git", project)
    rows = []
    for count in COUNTS:
        root = bench.path(f"idle-{count}", "repositories")
        os.makedirs(root)
        repositories = {}
        for number in range(count):
            url = os.path.join(root, f"n{number}.git")
            shutil.copytree(seed, url, ignore=shutil.ignore_patterns("*.sample"))
            repositories[f"n{number}"] = {"url": url}
        with Daemon(bench, f"idle-{count}", repositories) as daemon:
            rows.append([f"{count:,}", *measure(daemon)])
            again = restart(daemon)
        rows[-1].append(seconds(again))
    table(f"Idle for {WINDOW} s: median (most) of samples; goals with 100: 45 MB, 15 MB, 0.5 %",
          ["local repositories", "resident", "anonymous", "threads", "processor", "first start", "next start"], rows)


def measure(daemon: Daemon) -> list:
    first = daemon.start()
    time.sleep(5)
    before = daemon.processor()
    samples = []
    for _ in range(WINDOW):
        time.sleep(1)
        samples.append((*daemon.memory(), daemon.threads()))
    share = (daemon.processor() - before) / WINDOW
    resident, anonymous, threads = zip(*samples)
    return [*(f"{median(values) / 1024:.1f} ({max(values) / 1024:.1f}) MB" for values in (resident, anonymous)),
            f"{median(threads):.0f} ({max(threads)})", f"{share:.2%}", seconds(first)]


def restart(daemon: Daemon) -> float:
    daemon.stop()
    return daemon.start()
