"""A real dependency tree as a cache: saved, restored, saved again, beside what others do with the same files."""

import os
import random
import shutil
import tempfile

from common import Bench, interleaved, median, seconds, table

CHANGED = 100
MANY = 100_000
# The tree lies there several times at once: as it is, in caches, as an archive, as copies.
ROOM = 6
OWN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".build")
DISK = "/var/tmp"
# What other builds of this project left beside: no dependency tree has it.
LEFT_OUT = ("release", "index-build")
STAGES = {
    "fill": "cp -a {tree}/. kept/",
    "same": "true",
    "change": "xargs -0 -a {names} sh -c 'for name; do echo changed >> \"kept/$name\"; done' sh",
    "read": "{read}",
}
# What a restored tree is for; with layers this is where the kernel looks for each name in them the first time.
READ = "find kept -type f -print0 | xargs -0 cat | wc -c"


def run(bench: Bench) -> None:
    tree, what = dependency_tree(bench)
    peers = Peers(bench, tree)
    runners = {
        "runner": Runner(bench, "sandbox", tree, peers.names),
        "runner, no isolation": Runner(bench, "none", tree, peers.names, ["--isolation", "none"]),
    }
    results = {}
    for _ in range(bench.rounds):
        for name, runner in runners.items():
            note(results, name, runner.round())
        for name, values in peers.round().items():
            note(results, name, values)
    show(f"{what} (median of {bench.rounds})", results, "tar | zstd -T0")
    on_disk(bench, tree, peers.names)
    shutil.rmtree(tree)
    many(bench)


def note(results: dict, name: str, values: dict) -> None:
    for what, value in values.items():
        results.setdefault(name, {}).setdefault(what, []).append(value)


COLUMNS = ["cold save", f"save after {CHANGED} changes", "restore", "restore, nothing to save", "restore, read all"]
COMMAND = ", command"
BARE = "no cache declared"


def show(title: str, results: dict, peer: str) -> None:
    """Times, and what part of the peer's they are; then those of whole commands."""
    floor = {what: median(values) for what, values in results[peer].items()} if peer else {}

    def cell(values: dict, what: str, suffix: str = "") -> str:
        if what + suffix not in values:
            return ""
        value = median(values[what + suffix])
        # A whole command that fills a cache does what no peer's number has in it.
        if what not in floor or (suffix and what == COLUMNS[0]):
            return seconds(value)
        times = floor[what] / value
        return f"{seconds(value)} ({f'1/{times:.0f}' if times >= 1.5 else f'{1 / times:.1f}'})"

    table(title, ["what"] + COLUMNS,
          [[name] + [cell(values, what) for what in COLUMNS] for name, values in results.items()])
    rows = [[name] + [cell(values, what, COMMAND) for what in COLUMNS] + [cell(values, BARE)]
            for name, values in results.items() if BARE in values]
    table("The whole command `runner local`, the work in it: `cp -a`, 100 writes, `true`, `true`, reading, `true`",
          ["what"] + COLUMNS + [BARE], rows)


class Runner:
    """Rounds of `runner local`, each with a state directory of its own."""

    def __init__(self, bench: Bench, name: str, tree: str, names: str, arguments=(), place: str = ""):
        self.bench, self.arguments = bench, list(arguments)
        self.state = os.path.join(place or bench.root, f"state-{name}")
        expose(bench, [tree, names])
        scripts = {stage: text.format(tree=tree, names=names, read=READ) for stage, text in STAGES.items()}
        head = "name: {}\non: {{ branches: [develop] }}\nstages:\n  build:\n"
        pipelines = {
            f"pipelines/{stage}.yml": head.format(stage)
            + f"    cache: [{{ key: tree, paths: [kept] }}]\n    run: |\n      {script}\n"
            for stage, script in scripts.items()
        }
        pipelines["pipelines/bare.yml"] = head.format("bare") + "    run: 'true'\n"
        self.repository = bench.repository(f"project-{name}", {**pipelines, ".gitignore": "kept\n"})

    def round(self) -> dict:
        try:
            self.stage("same")  # What is found out about the machine is found out once, and kept in memory.
            shutil.rmtree(self.state)
            filled, same, read, changed, bare = [self.stage(name) for name in ("fill", "same", "read", "change", "bare")]
        finally:
            shutil.rmtree(self.state, ignore_errors=True)
        values = [filled["cache saving"], changed["cache saving"], same["caches"],
                  same["caches"] + same["cache saving"], read["caches"] + read["steps"]]
        commands = [filled["command"], changed["command"], same["command"], same["command"], read["command"]]
        return {**dict(zip(COLUMNS, values)), **{what + COMMAND: value for what, value in zip(COLUMNS, commands)},
                BARE: bare["command"]}

    def stage(self, pipeline: str) -> dict:
        """Seconds of each phase, and of the whole command."""
        self.bench.environment["RUNNER_STATE"] = self.state
        elapsed, _, document = self.bench.local(
            self.repository, "--committed", "--pipeline", pipeline, *self.arguments)
        return {"cache saving": 0, **document["stages"][0]["phases"], "command": elapsed}


class Peers:
    """What services and scripts do to keep a directory for the next build."""

    def __init__(self, bench: Bench, tree: str):
        self.bench, self.tree = bench, tree
        self.names = bench.path("changed-names")
        self.chosen = choose(tree)
        with open(self.names, "wb") as file:
            file.write(b"\0".join(name.encode() for name in self.chosen))

    def round(self) -> dict:
        work = self.bench.path("peer-tree")
        self.timed(["cp", "-a", self.tree, work])
        ways = {
            "tar | zstd -T0": (
                "set -o pipefail; tar -C {from} -c . | zstd -q -T0 -f -o {to}.tar.zst",
                "set -o pipefail; mkdir {to}; zstd -q -d -c {from}.tar.zst | tar -C {to} -x"),
            "cp -a": ("cp -a {from} {to}", "cp -a {from} {to}"),
            "cp -al": ("cp -al {from} {to}", "cp -al {from} {to}"),
            "rsync -a --delete": ("rsync -a --delete {from}/ {to}/", "rsync -a --delete {from}/ {to}/"),
        }
        results = {}
        for name, (save, restore) in ways.items():
            kept, restored = self.bench.path("peer-kept"), self.bench.path("peer-restored")
            values = results[name] = {}
            values["cold save"] = self.shell(save, work, kept)
            values["restore"] = self.shell(restore, kept, restored)
            # A directory that was left in place is brought up to date; nobody else looks what is there already.
            again = name.startswith("rsync")
            values["restore, nothing to save"] = self.shell(restore, kept, restored) if again else values["restore"]
            values[COLUMNS[4]] = values["restore"] + self.timed(
                ["bash", "-c", READ.replace("kept", restored)])
            shutil.rmtree(restored)
            self.change(work)
            if name.startswith("cp"):
                # What was kept is thrown away first, which is not counted.
                shutil.rmtree(kept)
            values[f"save after {CHANGED} changes"] = self.shell(save, work, kept)
            remove(kept)
        remove(work)
        return results

    def change(self, directory: str) -> None:
        """As a compiler writes: a new file in the place of the old one."""
        for name in self.chosen:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                text = file.read()
            os.unlink(path)
            with open(path, "wb") as file:
                file.write(text + b"changed\n")

    def shell(self, script: str, source: str, target: str) -> float:
        return self.timed(["bash", "-e", "-c", script.format(**{"from": source, "to": target})])

    def timed(self, command: list) -> float:
        return self.bench.run(command)[0]


def choose(tree: str) -> list:
    """Files of ordinary sizes from all over the tree, the same ones each time."""
    names = []
    for directory, _, files in os.walk(tree):
        for name in files:
            path = os.path.join(directory, name)
            if not os.path.islink(path) and os.path.getsize(path) < 1 << 20:
                names.append(os.path.relpath(path, tree))
    return random.Random(1).sample(sorted(names), CHANGED)


def on_disk(bench: Bench, tree: str, names: str) -> None:
    """What a disk adds, which is waited for before a cache is trusted. Once: removing trees takes its time there."""
    place = tempfile.mkdtemp(prefix="runner-bench-", dir=DISK)
    try:
        values = Runner(bench, "disk", tree, names, place=place).round()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    results = {}
    note(results, "runner", values)
    show(f"The same tree, on the disk of {DISK} (once)", results, "")


def many(bench: Bench) -> None:
    """A hundred thousand small files."""
    tree = bench.path("many")
    generate(tree, MANY, lambda random: 200 + random.randrange(1800))
    names = bench.path("changed-names")
    with open(names, "wb") as file:
        file.write(b"\0".join(name.encode() for name in choose(tree)))
    runner = Runner(bench, "many", tree, names)
    copy = bench.path("many-copy")

    def peer(*command):
        def measure():
            elapsed, _ = bench.run([*command, tree, copy])
            reading, _ = bench.run(["bash", "-c", READ.replace("kept", copy)])
            shutil.rmtree(copy)
            return {"restore": elapsed, COLUMNS[4]: elapsed + reading}

        return measure

    raw = interleaved(bench.rounds, {"runner": runner.round, "cp -al": peer("cp", "-al"), "cp -a": peer("cp", "-a")})
    results = {}
    for name, rounds in raw.items():
        for values in rounds:
            note(results, name, values)
    show(f"{MANY:,} files of about 1 kB (median of {bench.rounds})", results, "")
    shutil.rmtree(tree)


def dependency_tree(bench: Bench):
    """This project's own `.build` where it is large enough, else files like it; and what it is."""
    tree = bench.path("tree")
    count, size = measure(OWN)
    free = os.statvfs(bench.root).f_bavail * os.statvfs(bench.root).f_frsize
    if (count > 20_000 or size > 1 << 30) and size * ROOM < free:
        shutil.copytree(OWN, tree, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        count, size = measure(tree)
        return tree, f"This project's `.build`: {count:,} files, {size / 1e9:.1f} GB"
    print(f"\n{OWN} has {count:,} files, {size / 1e9:.1f} GB, beside {free / 1e9:.1f} GB of room: files are made")
    # Sizes as builds have them: most small, few large, and bytes that zstd makes an eighth of.
    generate(tree, 25_000, lambda random: min(1 << 23, int(random.lognormvariate(8.5, 1.8))))
    count, size = measure(tree)
    return tree, f"Generated files: {count:,}, {size / 1e9:.1f} GB"


def measure(tree: str):
    count = size = 0
    for directory, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in files:
            count += 1
            size += os.lstat(os.path.join(directory, name)).st_size
    return count, size


def generate(tree: str, count: int, size) -> None:
    source = random.Random(7)
    block = b"".join(source.randbytes(64) * 4 for _ in range(1 << 13))
    for number in range(count):
        directory = os.path.join(tree, f"d{number // 1000}", f"e{number % 1000 // 50}")
        if number % 50 == 0:
            os.makedirs(directory, exist_ok=True)
        length = size(source)
        begin = source.randrange(len(block))
        with open(os.path.join(directory, f"f{number}"), "wb") as file:
            file.write((block[begin:] + block * (length // len(block) + 1))[:length])


def expose(bench: Bench, paths: list) -> None:
    """Lets stages see what they copy from."""
    directory = bench.path("home", ".config", "runner")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "runner.yml"), "w") as file:
        file.write("expose:\n" + "".join(f"  - {path}\n" for path in paths))


def remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path)
    for name in (path, path + ".tar.zst"):
        if os.path.exists(name):
            os.unlink(name)
