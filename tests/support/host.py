"""A whole system of real processes (tests/system/host.c) for a test that is written in Python, and nivactl."""
import json
import pathlib
import subprocess

from expect import Failure, expect

TIMEOUT_S = 120


class System:
    """The processes, and the tool; `folder` is where the tool finds and leaves its files."""

    def __init__(self, build, folder):
        self.program = pathlib.Path(build).resolve() / "services/nivactl/nivactl"
        self.folder = folder
        self.host = subprocess.Popen([pathlib.Path(build).resolve() / "tests/system/system_host"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        self.directory = self.answer()

    def answer(self):
        line = self.host.stdout.readline()
        if not line:
            raise Failure(f"the system ended: {self.host.wait()}")
        return line.strip()

    def order(self, line):
        self.host.stdin.write(line + "\n")
        self.host.stdin.flush()
        return self.answer()

    def digest(self):
        """MD5 of all that the services keep, once everything that was told has been applied."""
        self.nivactl("wait")
        return self.order("digest")

    def end(self):
        """Proves the system and ends it."""
        self.host.stdin.close()
        expect("the system's proof of itself and its end", 0, self.host.wait(TIMEOUT_S))

    def run(self, *words, principal=None):
        named = [f"--as={principal}"] if principal else []
        return subprocess.run([self.program, *words, *named, "--run-dir", self.directory], capture_output=True, text=True,
                              check=False, timeout=TIMEOUT_S, cwd=self.folder)

    def nivactl(self, *words, principal=None):
        """What the tool prints; it must say yes."""
        done = self.run(*words, principal=principal)
        expect(f"nivactl {' '.join(words)}\n{done.stdout}{done.stderr}", 0, done.returncode)
        return done.stdout

    def ask(self, *words, principal=None):
        return json.loads(self.nivactl(*words, "--output=json", principal=principal))

    def call(self, method, request, principal=None):
        return json.loads(self.nivactl("call", method, json.dumps(request), principal=principal))

    def refused(self, *words, principal=None):
        """Why the tool says no: field and reason of each violation. Nothing may have changed."""
        before = self.digest()
        done = self.run(*words, "--output=json", principal=principal)
        expect(f"nivactl {' '.join(words)}\n{done.stdout}{done.stderr}", 1, done.returncode)
        expect(f"what is kept after {' '.join(words)} was refused", before, self.digest())
        return [violation["reason"] for violation in json.loads(done.stderr)["error"]["violations"]]
