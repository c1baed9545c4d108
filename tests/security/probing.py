"""garak's offline probes against the chat API: with the extractive model, and with a model that echoes its question.

`python -m tests.security.probing GARAKS_PYTHON [MOST]`; docs/security.md says how garak is installed beside us.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.bootstrap import initialise, open_services
from assistant.settings import Settings
from tests.faults.serving import serving
from tests.model_endpoint import ModelEndpoint, running_model_endpoint

MOST = 60
PROBES = Path(__file__).with_name("garak_probes.py")


def told(python: str, url: str, most: int) -> list[dict[str, Any]]:
    """What garak says of the guide at `url`."""
    run = subprocess.run([python, "-P", str(PROBES), url, str(most)], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def table(lines: list[dict[str, Any]]) -> str:
    """A line a probe and detector."""
    rows = []
    for one in lines:
        hits = one.get("hits", "not judged")
        rows.append(f"{one['probe']:52} {one['detector']:42} {one['prompts']:5} {hits}")
        rows += [f"    {prompt!r} -> {answer!r}" for prompt, answer in one.get("examples", ())]
    return "\n".join(rows)


def echo(endpoint: ModelEndpoint) -> str:
    """The last thing that was asked, as the model says it back."""
    asked = [one for one in endpoint.requests[-1]["messages"] if one["role"] == "user"]
    return f"ECHO {asked[-1]['content']}"


def main() -> None:
    """Run both and print both; the exit code is 1 when anything was hit."""
    python, most = sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else MOST
    hits = 0
    with tempfile.TemporaryDirectory() as name, running_model_endpoint() as endpoint:
        home = Path(name) / "home"
        services = open_services(Settings(home=home))
        initialise(services, empty=False, progress=lambda *_: None)
        services.close()
        endpoint.plays(text=lambda _: echo(endpoint), piece=200)
        echoing = {"HELIOTROPE_CHAT_MODEL": "openai:echo", "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "key"}
        for model, settings in (("extractive", {}), ("echo", echoing)):
            with serving(home, **settings) as server:
                lines = told(python, str(server.client.base_url), most)
            hits += sum(one.get("hits", 0) for one in lines)
            print(f"{model}: {sum(one['prompts'] for one in lines)} judgements\n{table(lines)}")
    sys.exit(hits > 0)


if __name__ == "__main__":
    main()
