"""ClickHouse's engine for the tests: a wheel of it, apart from the product's packages, for it takes 530 MB.

Where it cannot be fetched the tests on ClickHouse skip.
"""

import os
import shutil
import sys

from setup.progress import SetupFailed, run, step
from setup.tools import LOCKED, NETWORK, PRIVATE, ROOT, environment, fingerprint, is_stamped, uv

FOLDER = PRIVATE / "clickhouse"
LOCK = ROOT / "setup" / "clickhouse.txt"


def is_there() -> bool:
    """Whether the engine is installed as locked."""
    return is_stamped(FOLDER / "stamp", fingerprint(LOCK, sys.version))


def main() -> int:
    """Install it when it is missing. 0 in any case: the tests tell what they skipped."""
    if is_there():
        return 0
    try:
        with step("Fetching ClickHouse's engine for the tests (180 MB)"):
            shutil.rmtree(FOLDER, ignore_errors=True)
            arguments = "--quiet", "--no-deps", "--python", sys.executable, "--target", FOLDER
            run([uv(), "pip", "install", *arguments, *LOCKED, LOCK], ROOT, environment(), NETWORK)
            (FOLDER / "stamp").write_text(fingerprint(LOCK, sys.version))
    except (SetupFailed, OSError) as error:
        print(error, file=sys.stderr)
        print("The tests on ClickHouse will be skipped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
