#!/usr/bin/env python3
"""The front door: quickstart from a clone of its own, and every command that the README shows.

Copies the tree as git knows it to a new directory, runs `deploy/quickstart --detach` there, then the README's blocks
that are marked `<!-- run -->`, and compares what they print with what the README says (ids and times of the moment
are masked). `--update` writes what was printed into the README instead. Ends with the foreground run and Ctrl-C,
--status, --stop and --reset, and looks that nothing is left.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run -->\n```console\n(.*?)```\n", re.S)
MASKS = [
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<instant>"),
    (re.compile(r"local:[a-z_][a-z0-9_-]*"), "local:<user>"),
]
TIMEOUT_S = 900


class Failure(Exception):
    pass


def masked(text):
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]


def expect(what, expected, actual):
    if expected != actual:
        raise Failure(f"{what}\n--- expected\n{expected}\n--- actual\n{actual}")


def run(clone, command, code=0):
    """Runs a shell command in the clone; its standard output."""
    done = subprocess.run(["bash", "-c", command], cwd=clone, capture_output=True, text=True, timeout=TIMEOUT_S)
    if done.returncode != code:
        raise Failure(f"{command}: exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def clone_into(place):
    clone = place / "niva"
    clone.mkdir()
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True,
                           capture_output=True).stdout.split(b"\0")
    for name in filter(None, names):
        source, target = ROOT / os.fsdecode(name), clone / os.fsdecode(name)
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    return clone


def commands_of(block):
    """The commands of a block and what stands below each."""
    commands = []
    for line in block.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands:
            commands[-1][1].append(line)
    return commands


def blocks_run(clone, update):
    readme = (clone / "README.md").read_text(encoding="utf-8")
    written = readme
    for match in BLOCK.finditer(readme):
        shown = ""
        for command, below in commands_of(match.group(1)):
            printed = run(clone, command)
            shown += f"$ {command}\n{printed}"
            if not update:
                expect(f"README: {command}", masked("\n".join(below)), masked(printed))
        written = written.replace(match.group(0), f"<!-- run -->\n```console\n{shown}```\n")
    if update:
        (ROOT / "README.md").write_text(written, encoding="utf-8")


def interruptible():
    """A parent that ignores SIGINT, as background jobs do, would pass that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted_run(clone):
    """Ctrl-C in the middle of the loading: nothing runs on, and the next run goes on from there."""
    process = subprocess.Popen(["deploy/quickstart", "--detach"], cwd=clone, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=interruptible)
    for line in process.stderr:
        if line.startswith("Läser in exempelregionen"):
            break
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stderr.read()
    expect("Ctrl-C while the sample is loaded", (True, True), (process.wait(TIMEOUT_S) != 0, "Avbrutet" in rest))
    expect("--status after it", "Inte igång.\n", run(clone, "deploy/quickstart --status", code=1))


def twice_at_once(clone):
    """Two quickstarts at once: one does the work, the other waits and shows the same."""
    both = [subprocess.Popen(["deploy/quickstart", "--detach"], cwd=clone, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True) for _ in range(2)]
    printed = [process.communicate(timeout=TIMEOUT_S)[0] for process in both]
    expect("two quickstarts at once", ([0, 0], printed[0]), ([process.returncode for process in both], printed[1]))


def killed_service(clone):
    """A service that dies is started again, and the supervisor's log says so."""
    status = run(clone, "deploy/quickstart --status").split("\n")[0]
    data, sockets = re.fullmatch(r"Igång \(process \d+\)\. Data: (.*)\. Socklar: (.*)\.", status).groups()
    log = pathlib.Path(data) / "log" / "supervise.log"
    os.kill(int((pathlib.Path(sockets) / "compliance.pid").read_text()), signal.SIGKILL)
    give_up = time.monotonic() + 60
    while "compliance ended with 137; it is started again" not in log.read_text():
        expect("the supervisor's log in time", True, time.monotonic() < give_up)
        os.sched_yield()
    run(clone, "deploy/nivactl wait --timeout 60")


def foreground_run(clone):
    process = subprocess.Popen(["deploy/quickstart"], cwd=clone, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, preexec_fn=interruptible)
    for line in process.stderr:
        if line.startswith("Systemet är igång"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    expect("Ctrl-C in the foreground", (0, True), (process.wait(TIMEOUT_S), "Stannat." in rest))


def remains_look(clone):
    """No process and no directory of the system is left."""
    digest = run(clone, "printf %s \"$(pwd -P)\" | sha256sum | cut -c1-12").strip()
    left = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if any(digest.encode() in word for word in words):
            left.append(entry.name)
    places = [f"/var/lib/niva/{digest}", f"/run/niva-{digest}", f"/tmp/niva-{os.getuid()}-{digest}",
              str(clone / ".niva")]
    expect("what is left after --reset", ([], []), (left, [place for place in places if os.path.exists(place)]))


def main():
    update = sys.argv[1:] == ["--update"]
    place = pathlib.Path(tempfile.mkdtemp(prefix="niva-readme."))
    clone = None
    try:
        clone = clone_into(place)
        expect("--status before", "Inte igång.\n", run(clone, "deploy/quickstart --status", code=1))
        interrupted_run(clone)
        blocks_run(clone, update)
        killed_service(clone)
        status = run(clone, "deploy/quickstart --status")
        expect("--status", True, status.startswith("Igång (process "))
        run(clone, "deploy/quickstart --stop")
        expect("--status after --stop", "Inte igång.\n", run(clone, "deploy/quickstart --status", code=1))
        foreground_run(clone)
        twice_at_once(clone)
        again = run(clone, "deploy/quickstart --detach")
        expect("a second run shows the same day", True, "2022-09-30" in again)
        run(clone, "deploy/quickstart --reset")
        remains_look(clone)
        print("1 passed, 0 failed")
        return 0
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f"{failure}\nalone: tests/system/readme.py", file=sys.stderr)
        return 1
    finally:
        if clone is not None:
            subprocess.run(["deploy/quickstart", "--reset"], cwd=clone, capture_output=True, check=False)
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
