"""The scans of the sorting machine as tensors, and two ways to hold some of them out."""

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.utils.data import TensorDataset

BATCH_1 = (0, 900)  # scans in the order of the file: the first to train on,
BATCH_2 = (900, 1200)  # the next to choose settings with,
LATE = (1200, 1797)  # and the last to test on, once


def load_scans(start: int = 0, stop: int | None = None) -> tuple[Tensor, Tensor]:
    """Load scans in the order of the file.

    Args:
        start: The first scan.
        stop: The first scan that is left out; None: none is.

    Returns:
        Images of shape (N, 1, 8, 8), float32 from 0 (paper) to 1 (ink), and labels of shape (N,), int64.
    """
    digits = load_digits()
    # TODO (look-at-a-scan): make tensors of digits.images[start:stop] and digits.target[start:stop].
    raise NotImplementedError


def as_text(image: Tensor) -> str:
    """A scan of shape (1, 8, 8) as eight lines of text, as `scripts/peek.sh` draws it."""
    # TODO (look-at-a-scan): ink 0 to 4 is `.`, 5 to 10 `+`, 11 to 16 `#`; no line ending after the last line.
    raise NotImplementedError


def split_in_order(images: Tensor, labels: Tensor, held_out: int) -> tuple[TensorDataset, TensorDataset]:
    """Hold out the last scans: a training set and a test set of `held_out` scans."""
    # TODO (two-splits): the last `held_out` scans are the test set, the others the training set.
    raise NotImplementedError


def split_at_random(
    images: Tensor, labels: Tensor, held_out: int, seed: int = 0
) -> tuple[TensorDataset, TensorDataset]:
    """Hold out scans drawn at random: a training set and a test set of `held_out` scans. One seed, one split."""
    # TODO (two-splits): draw the test scans with a generator of your own that starts from `seed`.
    raise NotImplementedError
