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
    # TODO (out-of-the-notebook): read the lines, refuse what is no scan, and scale as `data.py` does.
    raise NotImplementedError


@torch.no_grad()
def read_digits(model: nn.Module, images: Tensor) -> list[Reading]:
    """What a model reads in images of shape (N, 1, 8, 8); it is left in evaluation mode."""
    # TODO (out-of-the-notebook): the most probable digit for each image, and its probability.
    raise NotImplementedError
