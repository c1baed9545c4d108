"""garak's offline probes against the chat API: with the extractive model, and with a model that echoes its question.

`python -m tests.security.probing GARAKS_PYTHON [--most N] [--only extractive|echo] [--echo ADDRESS] [--seed N]
[--families FAMILY …]`; docs/security.md
says how garak is installed beside us. ADDRESS is another OpenAI-compatible server that echoes, instead of ours.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.bootstrap import initialise, open_services
from assistant.settings import Settings
from tests.faults.serving import serving
from tests.model_endpoint import ModelEndpoint, running_model_endpoint

EVERYTHING = 1_000_000  # more prompts than any probe has
PROBES = Path(__file__).with_name("garak_probes.py")


def told(python: str, url: str, *given: str) -> Iterator[dict[str, Any]]:
    """What garak says of the guide at `url`, a probe and detector at a time."""
    command = [python, "-P", str(PROBES), url, *given]
    # garak keeps its kinds of prompts in sets: with another seed of hashes it would draw others.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "TQDM_DISABLE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout is not None
        yield from (json.loads(line) for line in run.stdout if line.startswith("{"))
    if run.returncode:
        raise SystemExit(f"garak's probes ended with {run.returncode}")


def row(one: dict[str, Any]) -> str:
    """A line a probe and detector, and one for every hit."""
    line = f"{one['probe']:52} {one['detector']:42} {one['prompts']:5} {one.get('hits', 'not judged')}"
    return "\n".join([line, *(f"    {prompt!r} -> {answer!r}" for prompt, answer in one.get("examples", ()))])


def echo(endpoint: ModelEndpoint, prompt: str) -> str:
    """The last thing that was asked in a prompt, as the model says it back."""
    asking = endpoint.requests[len(endpoint.prompts) - 1 - endpoint.prompts[::-1].index(prompt)]
    asked = [one for one in asking["messages"] if one["role"] == "user"]
    return f"ECHO {asked[-1]['content']}"


def main() -> None:
    """Run both and print both; the exit code is 1 when anything was hit."""
    parser = argparse.ArgumentParser(description="garak's offline probes against the chat API.")
    parser.add_argument("python", help="the Python of the environment that has garak")
    parser.add_argument("--most", type=int, default=EVERYTHING, help="prompts of each probe, drawn by a fixed seed")
    parser.add_argument("--only", choices=("extractive", "echo"), help="with this model alone")
    parser.add_argument("--echo", metavar="ADDRESS", help="an OpenAI-compatible server that echoes what it is asked")
    parser.add_argument("--seed", type=int, default=1, help="what garak draws its prompts by")
    parser.add_argument("--families", nargs="*", default=(), help="garak's modules, such as badchars; all without")
    given = parser.parse_args()
    asked = (str(given.most), str(given.seed), *given.families)
    hits = 0
    with tempfile.TemporaryDirectory() as name, running_model_endpoint() as endpoint:
        home = Path(name) / "home"
        services = open_services(Settings(home=home))
        initialise(services, empty=False, progress=lambda *_: None)
        services.close()
        endpoint.plays(text=lambda prompt: echo(endpoint, prompt), piece=200)
        echoing = {
            "HELIOTROPE_CHAT_MODEL": "openai:echo",
            "OPENAI_BASE_URL": given.echo or endpoint.url,
            "OPENAI_API_KEY": "key",
        }
        for model, settings in (("extractive", {}), ("echo", echoing)):
            if given.only in (None, model):
                with serving(home, **settings) as server:
                    hits += probed(model, told(given.python, str(server.client.base_url), *asked))
    sys.exit(hits > 0)


def probed(model: str, lines: Iterator[dict[str, Any]]) -> int:
    """Print what is told as it comes, and sums; the number of hits."""
    started = time.monotonic()
    prompts: dict[str, int] = {}
    hits = 0
    for one in lines:
        prompts[one["probe"]] = one["prompts"]
        hits += one.get("hits", 0)
        print(row(one), flush=True)
    asked, seconds = sum(prompts.values()), time.monotonic() - started
    print(f"{model}: {asked} prompts of {len(prompts)} probes, {hits} hits, {seconds:.0f} s", flush=True)
    return hits


if __name__ == "__main__":
    main()
