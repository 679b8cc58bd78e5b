"""How well a model reads, and which of its mistakes it is surest of: `python -m mailroom.evaluate`."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from .data import LATE, as_text, load_scans
from .model import load_model


class Mistake(NamedTuple):
    """A scan that was read wrongly."""

    scan: int  # its place in the data set, from 0
    label: int
    prediction: int
    confidence: float  # the probability that the model gave to its prediction


def accuracy(model: nn.Module, data: TensorDataset) -> float:
    """The share of scans that a model reads right; it is left in evaluation mode."""
    # TODO (training-loop): count the scans whose highest score is that of their label.
    raise NotImplementedError


def confident_mistakes(model: nn.Module, data: TensorDataset, count: int = 3) -> list[Mistake]:
    """The mistakes of which a model is surest, the surest first; fewer than `count` if it makes fewer."""
    # TODO (confident-mistakes): scores to probabilities, wrong ones only, sorted, `count` of them.
    raise NotImplementedError


def main() -> None:
    """Test model.pt on the late batch."""
    torch.set_num_threads(1)
    late = TensorDataset(*load_scans(*LATE))
    model = load_model(Path("model.pt"))
    print(f"late batch: {accuracy(model, late):.3f} of {len(late)} scans read right")
    for mistake in confident_mistakes(model, late):
        print(f"\nscan {LATE[0] + mistake.scan}: a {mistake.label}, ", end="")
        print(f"read as {mistake.prediction} with confidence {mistake.confidence:.2f}")
        print(as_text(late[mistake.scan][0]))


if __name__ == "__main__":
    main()
