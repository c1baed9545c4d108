"""Asks a served guide what garak's probes ask and lets garak's detectors judge the answers. It runs in garak's own
environment and needs nothing of ours; see `tests.security.probing`.

`PYTHON garak_probes.py URL MOST` asks at most MOST prompts of each active probe and prints a JSON object a line.
"""

import importlib
import inspect
import json
import random
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from garak import _config
from garak.attempt import Attempt, Conversation, Message

FAMILIES = ("latentinjection", "promptinject", "web_injection", "encoding", "ansiescape", "badchars", "exploitation")


def probes() -> Iterator[tuple[str, Any]]:
    """The active probes of the families, each with its prompts made."""
    for family in FAMILIES:
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
        with urllib.request.urlopen(request, timeout=60) as answer:
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


def main(url: str, most: int) -> None:
    """Ask, judge, tell."""
    _config.load_base_config()
    for name, probe in probes():
        chosen = sorted(random.Random(name).sample(range(len(probe.prompts)), min(most, len(probe.prompts))))
        attempts = []
        for sequence in chosen:
            attempt = probe._mint_attempt(probe.prompts[sequence], seq=sequence)
            attempt.outputs = [asked(url, text_of(probe.prompts[sequence]))]
            attempts.append(attempt)
        for judge in (probe.primary_detector, *probe.extended_detectors):
            told = {"probe": name, "detector": judge, "prompts": len(attempts)}
            try:
                found = detector(judge)
                hits = [one for one in attempts if any((score or 0) >= 0.5 for score in found.detect(one))]
                told |= {"hits": len(hits), "examples": [_example(one) for one in hits]}
            except ImportError as error:
                told |= {"not_judged": str(error)}
            print(json.dumps(told, ensure_ascii=False), flush=True)


def _example(attempt: Attempt) -> list[str]:
    return [text_of(attempt.prompt)[-300:], str(attempt.outputs[0].text)[:300]]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
