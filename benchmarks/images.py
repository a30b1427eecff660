"""What starting a program from an image costs in namespaces like a supervisor's, and what is left after a kill."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

from common import interleaved, median, seconds, table

IMAGE = "localhost/bench:1"


def run(bench) -> None:
    for program in ("podman", "crun", "bwrap", "busybox"):
        if not shutil.which(program):
            print(f"\nImages: not measured, there is no {program} (apt-get install podman crun bubblewrap busybox-static)")
            return
    answer = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private", sys.executable, __file__,
         bench.path("images"), str(bench.rounds)],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    document = json.loads(answer.splitlines()[-1])
    rows = [[name, seconds(value)] for name, value in document["start"].items()]
    table("`true` from an image, in a user namespace of one user", ["how", "time"], rows)
    rows = [[name, str(value)] for name, value in document["facts"].items()]
    table("What holds there", ["what", "found"], rows)


class Podman:
    """Podman with storage of its own, and what a namespace of one user needs."""

    def __init__(self, root: str):
        self.root = root
        settings = os.path.join(root, "containers.conf")
        with open(settings, "w") as file:
            file.write("[containers]\ndefault_ulimits = []\n")
        os.environ.update(CONTAINERS_CONF=settings, HOME=root, XDG_RUNTIME_DIR=root)
        self.command = [
            "podman", "--root", f"{root}/storage", "--runroot", f"{root}/runroot", "--runtime", "crun",
            "--cgroup-manager", "cgroupfs", "--storage-opt", "overlay.ignore_chown_errors=true",
        ]

    def starting(self, *arguments: str) -> list:
        # The devpts that an engine mounts belongs to a group that is not in the namespace.
        options = ["--rm", "--network", "host", "--cgroups", "disabled", "-v", "/dev/pts:/dev/pts"]
        return [*self.command, "run", *options, *arguments]

    def output(self, *arguments: str) -> str:
        return subprocess.run([*self.command, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def prepare(root: str) -> Podman:
    os.makedirs(f"{root}/image/bin")
    for name in ("dev", "proc", "sys", "tmp", "etc", "work"):
        os.mkdir(f"{root}/image/{name}")
    shutil.copy(shutil.which("busybox"), f"{root}/image/bin/busybox")
    for name in ("sh", "true", "cat", "sleep", "chown", "touch"):
        os.symlink("busybox", f"{root}/image/bin/{name}")
    # crun refuses a version 2 hierarchy with controllers beside version 1.
    if os.path.isdir("/sys/fs/cgroup/unified"):
        subprocess.run(["mount", "-t", "tmpfs", "none", "/sys/fs/cgroup/unified"], check=True)
    podman = Podman(root)
    subprocess.run(["tar", "-C", f"{root}/image", "-cf", f"{root}/image.tar", "."], check=True)
    podman.output("import", "-q", f"{root}/image.tar", IMAGE)
    return podman


def timed(command: list) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def starts(podman: Podman, rounds: int) -> dict:
    mounted = podman.output("image", "mount", IMAGE)
    sandbox = ["bwrap", "--unshare-user", "--unshare-pid", "--die-with-parent", "--ro-bind", mounted, "/"]
    results = interleaved(rounds, {
        "podman run": lambda: timed(podman.starting(IMAGE, "true")),
        "bubblewrap on the image's mounted files": lambda: timed(
            [*sandbox, "--dev", "/dev", "--proc", "/proc", "true"]),
    })
    return {name: median(values) for name, values in results.items()}


def facts(podman: Podman) -> dict:
    for name in ("lower", "upper", "work", "seen"):
        os.mkdir(f"{podman.root}/{name}")
    options = ",".join(f"{key}dir={podman.root}/{name}" for key, name in
                       (("lower", "lower"), ("upper", "upper"), ("work", "work")))
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"{options},userxattr", f"{podman.root}/seen"], check=True)
    subprocess.run(podman.starting("-v", f"{podman.root}/seen:/work", IMAGE, "touch", "/work/made"), check=True)
    other = subprocess.run(podman.starting(IMAGE, "sh", "-c", "touch /tmp/x; chown 5:5 /tmp/x"), capture_output=True)
    return {
        "a file made in an overlay of the namespace is in its upper directory": os.listdir(f"{podman.root}/upper"),
        "a file can be given to another user": other.returncode == 0,
        "left after `kill -9` of podman": left(podman, []),
        "left after `kill -9`, in a PID namespace": left(podman, ["unshare", "--pid", "--fork", "--kill-child",
                                                                 "--mount-proc"]),
    }


def left(podman: Podman, wrapper: list) -> int:
    """How many of the container's programs live on; they are ended then."""
    mark = f"{podman.root}/alive"
    # The last command is not put in the place of the shell, so that it can be told by its arguments.
    script = "touch /mark/alive; sleep 600; true"
    process = subprocess.Popen([*wrapper, *podman.starting("-v", f"{podman.root}:/mark", IMAGE, "sh", "-c", script)])
    limit = time.monotonic() + 60
    while not os.path.exists(mark) and time.monotonic() < limit:
        time.sleep(0.01)
    os.remove(mark)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(1)
    ours = [pid for pid in os.listdir("/proc") if pid.isdigit() and is_program(pid, script)]
    for pid in ours:
        os.kill(int(pid), signal.SIGKILL)
    return len(ours)


def is_program(pid: str, script: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            arguments = file.read().split("\0")
        # Of this namespace only: other benches may run beside this one.
        same = os.readlink(f"/proc/{pid}/ns/user") == os.readlink("/proc/self/ns/user")
        return same and arguments[:3] == ["sh", "-c", script]
    except OSError:
        return False


if __name__ == "__main__":
    place = sys.argv[1]
    os.makedirs(place)
    engine = prepare(place)
    print(json.dumps({"start": starts(engine, int(sys.argv[2])), "facts": facts(engine)}))
