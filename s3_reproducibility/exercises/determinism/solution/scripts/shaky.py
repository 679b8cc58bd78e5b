"""A colleague's training, which gives the same model each time: `python scripts/shaky.py` prints its fingerprint."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import TensorDataset

# isort: split
from mailroom.data import load_batch
from mailroom.evaluate import accuracy
from mailroom.manifest import fingerprint
from mailroom.model import DigitCNN
from mailroom.train import train


def batch_files(folder: Path) -> list[Path]:
    """The batches in a folder, each once."""
    return sorted(folder.glob("*.npz"))


def noisy(images: Tensor, seed: int) -> Tensor:
    """The scans with a little noise, so that the model does not learn single pixels by heart."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(scale=0.05, size=images.shape)
    return (images + torch.tensor(noise, dtype=torch.float32)).clamp(0, 1)


def new_model(seed: int) -> DigitCNN:
    """A network before its training."""
    torch.manual_seed(seed)
    return DigitCNN()


def run(folder: Path, seed: int, epochs: int = 12) -> DigitCNN:
    """Train on all batches in a folder but the last scans, which validate."""
    torch.set_num_threads(1)
    images, labels = zip(*(load_batch(file) for file in batch_files(folder)), strict=True)
    train_set = TensorDataset(noisy(torch.cat(images)[:-300], seed), torch.cat(labels)[:-300])
    validation_set = TensorDataset(torch.cat(images)[-300:], torch.cat(labels)[-300:])
    model = new_model(seed)
    train(model, train_set, validation_set, epochs=epochs, seed=seed)
    print(f"{fingerprint(model)[:12]}  accuracy {accuracy(model, validation_set):.3f}")
    return model


if __name__ == "__main__":
    run(Path("data/batches"), seed=0)
