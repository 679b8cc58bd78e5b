"""Judge a model by the validation set: `python -m mailroom.measure` writes metrics.json."""

import json
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import TensorDataset

from .data import load_batch
from .model import load_model
from .report import share_right


@torch.no_grad()
def measure(model: nn.Module, data: TensorDataset) -> dict[str, float]:
    """How well a model reads: `accuracy`, `loss`, and `worst_digit`, the share of right readings of that digit.

    Rounded to four places: what comes behind them changes with the processor and says nothing about the model.
    """
    images, labels = data.tensors
    scores = model.eval()(images)
    shares = share_right(labels.tolist(), scores.argmax(dim=1).tolist())
    found = {
        "accuracy": float((scores.argmax(dim=1) == labels).float().mean()),
        "loss": float(nn.functional.cross_entropy(scores, labels)),
        "worst_digit": min(shares.values()),
    }
    return {name: round(value, 4) for name, value in found.items()}


def main() -> None:
    """Measure model.pt on the validation set in data/prepared."""
    torch.set_num_threads(1)
    validation_set = TensorDataset(*load_batch(Path("data/prepared/validation.npz")))
    found = measure(load_model(Path("model.pt")), validation_set)
    Path("metrics.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print("metrics.json:", ", ".join(f"{name} {value:.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
