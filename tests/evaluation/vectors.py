"""Makes `knowledge/starter/vectors.npz`: the vectors that a fresh home needs, so that first use does not wait for them.

    python -m tests.evaluation.vectors    (`make vectors`)

Run it after changing starter articles or `prompts/intents.yaml`; a test fails when the file lacks a text.
"""

import sys
import tempfile
from pathlib import Path

from assistant.bootstrap import STARTER_VECTORS, initialise, open_services
from assistant.settings import Settings
from prompts.texts import load_prompts


def main() -> None:
    """Build the starter release in a temporary home, embedding only what the present file lacks, and write the file."""
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Settings(home=Path(folder)))
        initialise(services, empty=False, progress=_show)
        examples = [example for _, example in load_prompts().examples]
        count = services.library.write_vectors(STARTER_VECTORS, examples)
        services.close()
    print(f"{count} vectors in {STARTER_VECTORS.name}, {STARTER_VECTORS.stat().st_size / 2**20:.1f} MB")


def _show(step: str, done: int, total: int) -> None:
    print(f"\r{step} {done}/{total}", end="\n" if done == total else "", file=sys.stderr)


if __name__ == "__main__":
    main()
