"""The scans of the sorting machine as tensors, and two ways to hold some of them out."""

from pathlib import Path

import numpy as np
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
    images = torch.tensor(digits.images[start:stop], dtype=torch.float32).unsqueeze(1) / 16
    return images, torch.tensor(digits.target[start:stop], dtype=torch.int64)


def load_batches(folder: Path) -> tuple[Tensor, Tensor]:
    """Load the scans of all batches in a folder, in the order of the files' names.

    Args:
        folder: Where the batches are: files `*.npz` with `images` (N, 8, 8), ink 0 to 16, and `labels` (N,).

    Returns:
        Images and labels, in the same shapes and types as those of `load_scans`.

    Raises:
        FileNotFoundError: The folder holds no batch.
    """
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise FileNotFoundError(f"{folder.as_posix()} holds no batch (*.npz); is it there, or still to be pulled?")
    images, labels = [], []
    for file in files:
        with np.load(file) as batch:
            images.append(torch.tensor(batch["images"], dtype=torch.float32).unsqueeze(1) / 16)
            labels.append(torch.tensor(batch["labels"], dtype=torch.int64))
    return torch.cat(images), torch.cat(labels)


def as_text(image: Tensor) -> str:
    """A scan of shape (1, 8, 8) as eight lines of text, as `scripts/peek.sh` draws it."""
    ink = (image[0] * 16).int()
    lines = ("".join("." if value <= 4 else "+" if value <= 10 else "#" for value in row) for row in ink)
    return "\n".join(lines)


def split_in_order(images: Tensor, labels: Tensor, held_out: int) -> tuple[TensorDataset, TensorDataset]:
    """Hold out the last scans: a training set and a test set of `held_out` scans."""
    cut = len(images) - held_out
    return TensorDataset(images[:cut], labels[:cut]), TensorDataset(images[cut:], labels[cut:])


def split_at_random(
    images: Tensor, labels: Tensor, held_out: int, seed: int = 0
) -> tuple[TensorDataset, TensorDataset]:
    """Hold out scans drawn at random: a training set and a test set of `held_out` scans. One seed, one split."""
    shuffled = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    test, train = shuffled[:held_out], shuffled[held_out:]
    return TensorDataset(images[train], labels[train]), TensorDataset(images[test], labels[test])
