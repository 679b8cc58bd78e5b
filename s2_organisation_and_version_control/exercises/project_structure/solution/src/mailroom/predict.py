"""From the file of a scan to the digit that a model reads in it."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

SIZE = 8  # rows and columns of a scan
MOST_INK = 16  # the largest value that the sorting machine writes


class Reading(NamedTuple):
    """What a model reads in a scan."""

    digit: int
    confidence: float  # the probability that the model gives to this digit


def read_scan(path: Path) -> Tensor:
    """Read one scan: eight lines of eight numbers from 0 to 16, with commas.

    Returns:
        An image of shape (1, 8, 8), float32 from 0 (paper) to 1 (ink).

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds something else than a scan; the message names the file.
    """
    try:
        rows = [[float(value) for value in line.split(",")] for line in path.read_text(encoding="utf-8").splitlines()]
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if [len(row) for row in rows] != [SIZE] * SIZE:
        raise ValueError(f"{path}: expected {SIZE} lines of {SIZE} numbers")
    if not all(0 <= value <= MOST_INK for row in rows for value in row):
        raise ValueError(f"{path}: a value is not between 0 and {MOST_INK}")
    return torch.tensor(rows).unsqueeze(0) / MOST_INK


@torch.no_grad()
def read_digits(model: nn.Module, images: Tensor) -> list[Reading]:
    """What a model reads in images of shape (N, 1, 8, 8); it is left in evaluation mode."""
    model.eval()
    confidences, digits = model(images).softmax(dim=1).max(dim=1)
    return [Reading(digit, confidence) for digit, confidence in zip(digits.tolist(), confidences.tolist(), strict=True)]
