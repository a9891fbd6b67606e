"""A Docker engine for the test: the one that answers, or one started by hand.

The latter lives in network, mount and process namespaces of its own and reaches the world through slirp4netns: its
bridges, firewall rules, forwarding and mounts are never the machine's, and they end with it, however it ends.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

READY_S = 60
END_S = 60
# Runs as the first process of the namespaces; $1 is the engine's directory, $2 its control group.
INSIDE = """
set -e
mount -t tmpfs -o mode=0755 tmpfs /run
ip link set lo up
tries=0
until ip link show tap0 >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 1000 ] || { echo 'the network device did not come' >&2; exit 1; }
    sleep 0.01
done
exec dockerd --data-root "$1/data" --exec-root /run/docker --pidfile /run/docker.pid --host "unix://$1/docker.sock" \\
    --cgroup-parent "$2" --dns 10.0.2.3
"""


class Unavailable(Exception):
    """There is no engine here and none can be started."""


def answers():
    return subprocess.run(["docker", "version"], capture_output=True, check=False, timeout=60).returncode == 0


def tail(path, lines=15):
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


class Engine:
    """`own` says whether it was started here."""

    def __init__(self, place):
        self.own = not answers()
        self.directory = place / "engine"
        self.group = f"/niva-containers-{os.getpid()}"
        self.log = place / "dockerd.log"
        self.processes = []
        self.init = None

    def start(self):
        if not self.own:
            return
        if os.getuid() != 0:
            raise Unavailable("no Docker engine answers, and only root can start one")
        if not os.path.exists("/dev/net/tun"):
            raise Unavailable("no Docker engine answers, and without /dev/net/tun none can be given a network")
        self.directory.mkdir()
        outer = self.spawn(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
                            "sh", "-c", INSIDE, "dockerd", str(self.directory), self.group])
        self.init = self.child_of(outer)
        self.spawn(["slirp4netns", "--configure", "--mtu=1400", str(self.init), "tap0"])
        os.environ["DOCKER_HOST"] = f"unix://{self.directory}/docker.sock"
        os.environ["DOCKER_BUILDKIT"] = "0"
        give_up = time.monotonic() + READY_S
        while not answers():
            if outer.poll() is not None or time.monotonic() > give_up:
                raise Unavailable(f"no Docker engine answers, and none could be started:\n{tail(self.log)}")
            time.sleep(0.1)

    def spawn(self, command):
        """Starts a process that ends when this one does."""
        with open(self.log, "ab") as log:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def child_of(self, process):
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        give_up = time.monotonic() + READY_S
        while process.poll() is None and time.monotonic() < give_up:
            words = children.read_text().split()
            if words:
                return int(words[0])
            time.sleep(0.01)
        raise Unavailable(f"no Docker engine answers, and its namespaces could not be made:\n{tail(self.log)}")

    def kill(self, container):
        """Ends a container's first process as the machine would, not as an operator: it is for the engine to see."""
        pid = subprocess.run(["docker", "inspect", "--format", "{{.State.Pid}}", container], check=True,
                             capture_output=True, text=True).stdout.strip()
        if self.own:
            subprocess.run(["nsenter", "--target", str(self.init), "--pid", "--", "kill", "-KILL", pid], check=True)
        else:
            subprocess.run(["docker", "kill", "--signal", "KILL", container], check=True, capture_output=True)
            subprocess.run(["docker", "start", container], check=True, capture_output=True)

    def end(self):
        if self.init is not None and self.processes[0].poll() is None:
            os.kill(self.init, signal.SIGTERM)
            try:
                self.processes[0].wait(END_S)
            except subprocess.TimeoutExpired:
                print("the engine did not end in time and is killed", file=sys.stderr)
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes = []
        self.groups_remove()
        self.directory_remove()

    def groups_remove(self):
        for group in self.groups():
            for path, _, _ in os.walk(group, topdown=False):
                os.rmdir(path)

    def groups(self):
        return list(pathlib.Path("/sys/fs/cgroup").glob(f"**/{self.group[1:]}"))

    def directory_remove(self):
        give_up = time.monotonic() + END_S
        while self.directory.exists():
            shutil.rmtree(self.directory, ignore_errors=time.monotonic() < give_up)


def rules(command):
    """A firewall's rules without the counters and the times of asking."""
    done = subprocess.run([command], capture_output=True, text=True, check=False)
    return [line.split(" [")[0] for line in done.stdout.splitlines() if not line.startswith("#")]


def sysctl(name):
    path = pathlib.Path("/proc/sys") / name
    return path.read_text().strip() if path.exists() else None


def machine_state(place):
    """What an engine could leave behind on the machine."""
    return {
        "iptables": rules("iptables-save"),
        "ip6tables": rules("ip6tables-save"),
        "forwarding": [sysctl(f"net/{name}") for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding")],
        "links": sorted(os.listdir("/sys/class/net")),
        "mounts": [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
                   if str(place) in line or "/docker" in line],
        "processes": sorted(words[0] for words in command_lines() if str(place) in " ".join(words[1:])),
        "paths": [path for path in ("/run/docker.sock", "/run/docker.pid", "/run/docker", "/run/containerd",
                                    "/var/lib/docker", "/run/xtables.lock") if os.path.exists(path)],
        "groups": sorted(str(path) for path in pathlib.Path("/sys/fs/cgroup").glob("*/niva-containers-*")),
    }


def command_lines():
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                yield [word.decode(errors="replace") for word in (entry / "cmdline").read_bytes().split(b"\0")]
            except OSError:
                continue
