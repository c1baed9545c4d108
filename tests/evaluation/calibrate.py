"""Fits the chance that the best passage answers a question: logistic regression on the project's own questions.

    python -m tests.evaluation.calibrate    (`make calibrate`)

Learns from `knowledge.jsonl` and writes `prompts/calibration.yaml`; `heldout.jsonl` is only scored, never learnt from.
A question counts as one for the knowledge when it is answerable or asks for something that is known to be unpublished.
"""

import json
from pathlib import Path

import numpy as np
import yaml

from assistant.bootstrap import Services, open_services
from assistant.settings import Settings
from prompts.texts import FOLDER

HERE = Path(__file__).parent
RIDGE, STEPS, RATE = 0.02, 6000, 0.5


def examples(services: Services, path: Path) -> list[tuple[dict[str, float], bool]]:
    """Features and label of every question in a file."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        (services.assistant.read(row["question"]).features, row["answerable"] or row["kind"] == "unpublished")
        for row in rows
    ]


def fit(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias by gradient descent on standardised features with a small ridge."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    scaled = (features - mean) / spread
    weights, bias = np.zeros(scaled.shape[1]), 0.0
    for _ in range(STEPS):
        error = 1 / (1 + np.exp(-(scaled @ weights + bias))) - labels
        weights -= RATE * (scaled.T @ error / len(labels) + RIDGE * weights)
        bias -= RATE * error.mean()
    return weights / spread, float(bias - (weights / spread * mean).sum())


def main() -> None:
    """Fit, score both sets, write the weights."""
    services = open_services(Settings.from_environment())
    learnt, held = (examples(services, HERE / name) for name in ("knowledge.jsonl", "heldout.jsonl"))
    services.close()
    names = list(learnt[0][0])
    matrix, labels = (
        np.array([[row[name] for name in names] for row, _ in learnt]),
        np.array([label for _, label in learnt]),
    )
    weights, bias = fit(matrix, labels.astype(float))
    for title, rows in (("learnt from", learnt), ("held out", held)):
        scores = np.array([[row[name] for name in names] for row, _ in rows]) @ weights + bias
        truth = np.array([label for _, label in rows])
        print(f"{title}: {len(rows)} questions, {((scores > 0) == truth).mean():.3f} right")
    values = {"bias": round(bias, 4)} | {
        name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)
    }
    heading = "# Written by `make calibrate`; see assistant/agent/reading.py for what the features are.\n"
    (FOLDER / "calibration.yaml").write_text(heading + yaml.safe_dump(values, sort_keys=False), "utf-8")


if __name__ == "__main__":
    main()
