"""debian:bookworm-slim and postgres:15 where no registry is: the first by mmdebstrap from the machine's own sources of
packages, the second built on it from Debian's PostgreSQL."""
import pathlib
import subprocess

from engine import Unavailable

BASE, DATABASE = "debian:bookworm-slim", "postgres:15"
BUILD_S = 1200
# As the image of that name: no caches, no manuals.
OPTIONS = [
    "--aptopt=Dir::Cache::pkgcache \"\"",
    "--aptopt=Dir::Cache::srcpkgcache \"\"",
    "--aptopt=DPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb\"; }",
    "--aptopt=Acquire::Languages \"none\"",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
]
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def present(image):
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def ensure(engine, place):
    """Has both images. Those of an engine that was here before are its own affair: they are pulled, never made."""
    for image in (BASE, DATABASE):
        if not engine.own and not present(image):
            done = subprocess.run(["docker", "pull", image], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Unavailable(f"the Docker engine has no {image} and cannot get it: {done.stderr.strip()}")
    if engine.own:
        base_make(place)
        run(["docker", "build", "--tag", DATABASE, str(pathlib.Path(__file__).parent / "postgres")])


def base_make(place):
    tar = place / "base.tar"
    hooks = []
    if pathlib.Path(CERTIFICATES).exists():
        hooks = ["--customize-hook=mkdir -p \"$1/etc/ssl/certs\"",
                 f"--customize-hook=cp --dereference {CERTIFICATES} \"$1/etc/ssl/certs/\""]
    # Its apt works there as a user of its own; its mounts end with it, however it ends.
    place.chmod(0o711)
    run(["env", f"TMPDIR={place}", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
         "mmdebstrap", "--variant=minbase", *OPTIONS, *machine_options(), *hooks, "bookworm", str(tar), *sources()])
    run(["docker", "import", str(tar), BASE])
    tar.unlink()


def sources():
    """The machine's own list of Debian's packages; none: mmdebstrap's."""
    for path in ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"):
        if pathlib.Path(path).exists() and pathlib.Path(path).stat().st_size > 0:
            return [path]
    return []


def machine_options():
    """How this machine reaches them: proxies, and what it forgives a mirror."""
    done = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True)
    wanted = ("Acquire::http::", "Acquire::https::", "Acquire::Check-", "Acquire::Retries")
    return [f"--aptopt={line.rstrip(';')}" for line in done.stdout.splitlines()
            if line.startswith(wanted) and not line.endswith('"";')]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_S)
    if done.returncode != 0:
        raise RuntimeError(f"{command[:2]}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
