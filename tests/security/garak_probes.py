"""Asks a served guide what garak's probes ask and lets garak's detectors judge the answers. It runs in garak's own
environment and needs nothing of ours; see `tests.security.probing`.

`PYTHON garak_probes.py URL MOST SEED [FAMILY …]` asks at most MOST prompts of each active probe of the families
(without any: of all) and prints a JSON object a line.
"""

import importlib
import inspect
import json
import random
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from garak import _config
from garak.attempt import Attempt, Conversation, Message

FAMILIES = ("latentinjection", "promptinject", "web_injection", "encoding", "ansiescape", "badchars", "exploitation")
AT_ONCE = 8  # questions under way: while some wait for the database, others are read


def probes(families: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The active probes of the families, each with its prompts made."""
    for family in families:
        module = importlib.import_module(f"garak.probes.{family}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and getattr(kind, "active", False) and hasattr(kind, "probe"):
                yield f"{family}.{name}", kind(config_root=_config)


def detector(name: str) -> Any:
    """A detector of garak's; raises ImportError for one that is a model of its own."""
    family, kind = name.rsplit(".", 1)
    return getattr(importlib.import_module(f"garak.detectors.{family}"), kind)(config_root=_config)


def asked(url: str, text: str) -> str:
    """The guide's answer; of a refused request its sentence."""
    body = json.dumps({"text": text}).encode("utf-8", "surrogatepass")
    request = urllib.request.Request(f"{url}/api/v1/chat", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return str(json.load(answer)["text"])
    except urllib.error.HTTPError as refusal:
        if refusal.code >= 500:
            raise
        return str(json.load(refusal)["detail"])


def text_of(prompt: Any) -> str:
    """The text of a prompt, whatever garak keeps it as."""
    if isinstance(prompt, Conversation):
        prompt = prompt.last_message("user")
    return str(prompt.text if isinstance(prompt, Message) else prompt)


def main(url: str, most: int, seed: int, families: Sequence[str]) -> None:
    """Ask, judge, tell. The same seed asks the same prompts: garak draws 256 of what a probe can make."""
    _config.load_base_config()
    _config.run.seed = seed
    random.seed(seed)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, probe in probes(families):
            chosen = sorted(random.Random(name).sample(range(len(probe.prompts)), min(most, len(probe.prompts))))
            attempts = [probe._mint_attempt(probe.prompts[sequence], seq=sequence) for sequence in chosen]
            texts = [text_of(probe.prompts[sequence]) for sequence in chosen]
            for attempt, answer in zip(attempts, pool.map(partial(asked, url), texts), strict=True):
                attempt.outputs = [answer]
            for judge in (probe.primary_detector, *probe.extended_detectors):
                print(json.dumps(judged(name, judge, attempts), ensure_ascii=False), flush=True)


def judged(probe: str, judge: str, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """What one of garak's detectors says of the answers, with those that it counts."""
    told: dict[str, Any] = {"probe": probe, "detector": judge, "prompts": len(attempts)}
    try:
        found = detector(judge)
    except ImportError as error:
        return told | {"not_judged": str(error)}
    hits = [one for one in attempts if any((score or 0) >= 0.5 for score in found.detect(one))]
    return told | {"hits": len(hits), "examples": [_example(one) for one in hits]}


def _example(attempt: Attempt) -> list[str]:
    return [text_of(attempt.prompt)[-300:], str(attempt.outputs[0].text)[:300]]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] or FAMILIES)
