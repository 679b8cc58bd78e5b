"""Train a classifier and save it."""

import json
from pathlib import Path


def train(epochs: int) -> list[float]:
    weights = [0.0] * 10
    for epoch in range(epochs):
        weights[epoch % 10] += 0.1
    return weights


if __name__ == "__main__":
    Path("model.json").write_text(json.dumps(train(3)))
