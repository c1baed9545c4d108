"""`make setup`: the locked Python packages in .venv, the project itself, and the page's packages in node_modules.

Each step leaves a stamp inside what it made, a hash of its inputs; it is skipped while the stamp is there and right.
"""

import fcntl
import os
import shutil
import sys
from pathlib import Path

from setup.progress import SetupFailed, run, step
from setup.tools import NETWORK, PRIVATE, ROOT, environment, fingerprint, is_stamped, npm, uv

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.txt"
PROJECT = ROOT / "pyproject.toml"
PAGE = ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"


def main() -> int:
    """Install what is missing; 0 when everything is there, 1 with a sentence when something could not be installed."""
    try:
        PRIVATE.mkdir(exist_ok=True)
        with (PRIVATE / "busy").open("w") as busy:
            fcntl.flock(busy, fcntl.LOCK_EX)  # `make run` and `make test` may be started at the same moment
            packages, project, page = _stamps()
            _install_packages(*packages)
            _install_project(*project)
            _install_page(*page)
    except SetupFailed as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Set-up stopped: {error}. Correct that, then run the command again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _stamps() -> tuple[tuple[Path, str], ...]:
    packages = fingerprint(LOCK)
    return (
        (VENV / "stamp-packages", packages),
        (VENV / "stamp-project", fingerprint(PROJECT, packages)),
        (ROOT / "node_modules" / ".stamp-page", fingerprint(*PAGE)),
    )


def _install_packages(stamp: Path, wanted: str) -> None:
    if is_stamped(stamp, wanted) and PYTHON.exists():
        return
    program, count = uv(), sum(" \\" in line for line in LOCK.read_text().splitlines() if line[:1].isalnum())
    with step(f"Installing {count} Python packages (at first a minute or two)"):
        # The environment's absolute path is written into its scripts, so one that was moved is made anew.
        if not (PYTHON.exists() and is_stamped(VENV / "stamp-place", str(ROOT))):
            shutil.rmtree(VENV, ignore_errors=True)
            base = getattr(sys, "_base_executable", sys.executable)
            advice = "Choose another Python: make PYTHON=/path/to/python3 …"
            run([program, "venv", "--quiet", "--python", base, VENV], ROOT, environment(), advice)
            (VENV / "stamp-place").write_text(str(ROOT))
        arguments: list[str | Path] = ["--quiet", "--python", PYTHON, "--require-hashes", "--compile-bytecode", LOCK]
        run([program, "pip", "sync", *arguments], ROOT, environment(), NETWORK)
        stamp.write_text(wanted)


def _install_project(stamp: Path, wanted: str) -> None:
    if is_stamped(stamp, wanted):
        return
    program, advice = uv(), "pyproject.toml asks for something that requirements.txt does not lock: run make lock."
    with step("Installing Heliotrope"):
        arguments = "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."
        command = program, "pip", "install", "--python", PYTHON, *arguments
        run(command, ROOT, environment(), "The project itself could not be installed.")
        run([program, "pip", "check", "--python", PYTHON], ROOT, environment(), advice)
        stamp.write_text(wanted)


def _install_page(stamp: Path, wanted: str) -> None:
    if is_stamped(stamp, wanted):
        return
    program, surroundings = npm(uv())
    with step("Installing the page's packages"):
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
        run([*program, *arguments], ROOT, surroundings, NETWORK)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(wanted)


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
