"""`make fuzz`: schemathesis sends the API examples, edge cases, random data and sequences of calls, as a site's unknown
visitor and as a creator; no answer may be a 5xx or one that the description does not have.

python -m tests.benchmarks.fuzz [EXAMPLES]    (random cases an operation, 60 unless told)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from assistant.sites.registry import Site
from connectors.web.app import create_app
from tests.connectors.web.conftest import served
from tests.connectors.web.scripted import REAL, scripted_services
from tests.connectors.web.test_openapi import CHECKS


def main(examples: int) -> int:
    """Run as both; 0 when nothing was found."""
    with tempfile.TemporaryDirectory() as name:
        services = scripted_services(Path(name))
        services.sites.add(Site("my-shop", "某某商城", ("https://shop.example",), visitor_questions=0), "admin")
        visitor, _ = services.visits.open("my-shop", None, None)
        askers = {"visitor": visitor, "creator": services.tokens.issue(REAL.id, 3600)}
        with served(create_app(services)) as address:
            found = [_run(address, asker, bearer, examples, Path(name)) for asker, bearer in askers.items()]
        services.warehouse.close()
    return max(found)


def _run(address: str, asker: str, bearer: str, examples: int, folder: Path) -> int:
    print(f"As a {asker}:", flush=True)
    # A creator who deletes themselves could ask nothing any more.
    kept = ["--exclude-path=/api/v1/me", "-H", f"Authorization: Bearer {bearer}"]
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json", "--no-color"]
    options = [f"--checks={','.join(CHECKS)}", f"--max-examples={examples}", "--continue-on-failure", "--mode=all"]
    options.append("--request-timeout=60")  # on a busy machine
    return subprocess.run([*command, *options, *kept], cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
