"""A compose project in a clone: what an operator does with docker-compose, and what one looks up with docker."""
import json
import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
COMMAND_S = 1800
PART_S = 120


class Failure(Exception):
    """What was expected and what came."""


def expect(what, expected, actual):
    if expected != actual:
        raise Failure(f"{what}\n--- expected\n{expected}\n--- actual\n{actual}")


def run(command, directory=None, code=0, text=None):
    """Runs a command, a list or one line of shell; its standard output."""
    words = ["bash", "-c", command] if isinstance(command, str) else command
    done = subprocess.run(words, cwd=directory, input=text, stdin=None if text else subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=COMMAND_S)
    if done.returncode != code:
        raise Failure(f"{command}: exit {done.returncode}, expected {code}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


class Project:
    """The project of a clone; `services` are those that go on running."""

    services = ("postgres", "intake", "compliance", "compensation")

    def __init__(self, clone):
        self.clone = clone

    def compose(self, *words, code=0, text=None):
        return run(["docker-compose", *words], self.clone, code, text)

    def nivactl(self, *words, code=0):
        return self.compose("run", "--rm", "-T", "nivactl", *words, code=code)

    def script(self, name):
        """Runs a script of this directory where nivactl is."""
        return self.compose("run", "--rm", "-T", "--entrypoint", "/bin/sh", "nivactl", "-c",
                            (HERE / name).read_text())

    def name(self):
        return "niva-sample" if (self.clone / ".env").exists() else self.clone.name

    def containers(self, service):
        labels = {"project": self.name(), "service": service, "oneoff": "False"}
        filters = [f"--filter=label=com.docker.compose.{key}={value}" for key, value in labels.items()]
        return run(["docker", "ps", "--all", "--quiet", *filters]).split()

    def container(self, service):
        found = self.containers(service)
        expect(f"containers of {service}", 1, len(found))
        return found[0]

    def shell(self, service, script):
        """Runs a script in the container of a service."""
        return run(["docker", "exec", self.container(service), "sh", "-c", script])

    def inspect(self, service):
        return json.loads(run(["docker", "inspect", self.container(service)]))[0]

    def wait(self, what, true):
        give_up = time.monotonic() + PART_S
        while not true():
            if time.monotonic() > give_up:
                raise Failure(f"{what}: not within {PART_S} s")
            time.sleep(0.2)

    def wait_healthy(self):
        for service in self.services:
            self.wait(f"{service} is healthy",
                      lambda name=service: self.inspect(name)["State"]["Health"]["Status"] == "healthy")

    def sql(self, statement):
        return run(["docker", "exec", self.container("postgres"), "psql", "-qAtX", "-d", "niva", "-c", statement]).strip()

    def heads(self):
        """How far each service's stream has come, and how many facts it has."""
        return self.sql("SELECT 'intake', position, fact_no FROM intake.stream_head UNION ALL "
                        "SELECT 'compliance', position, fact_no FROM compliance.stream_head UNION ALL "
                        "SELECT 'compensation', position, fact_no FROM compensation.stream_head")
