"""Teach a model to read scans: `python -m mailroom.train` writes model.pt."""

from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from .data import BATCH_1, BATCH_2, load_scans
from .evaluate import accuracy
from .model import DigitCNN, save_model

BATCH_SIZE = 64


def train(
    model: nn.Module,
    train_set: TensorDataset,
    validation_set: TensorDataset,
    epochs: int = 12,
    lr: float = 2e-3,
    seed: int = 0,
) -> list[dict[str, float]]:
    """Train a model in place, with Adam.

    Args:
        model: Anything that turns images into ten scores each.
        train_set: The scans to learn from, in an order that is new in each epoch.
        validation_set: The scans to judge the model by after each epoch.
        epochs: How often to go through the training set.
        lr: Adam's learning rate.
        seed: Where the order of the scans starts from.

    Returns:
        For each epoch `epoch` (from 1), `loss` (the mean over its training scans) and `accuracy` (validation).
    """
    # TODO (training-loop): loader, optimiser, epochs; in each, first the batches, then the validation.
    raise NotImplementedError


def best_model(train_set: TensorDataset, validation_set: TensorDataset, seed: int = 0) -> nn.Module:
    """The model that you would hand over: it learns from the training set only."""
    # TODO (beat-the-bar): seed, model and training, with the settings that you have chosen.
    raise NotImplementedError


def main() -> None:
    """Train on batch 1, validate on batch 2."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = DigitCNN()
    train_set, validation_set = TensorDataset(*load_scans(*BATCH_1)), TensorDataset(*load_scans(*BATCH_2))
    for row in train(model, train_set, validation_set):
        print(f"epoch {row['epoch']:2.0f}  loss {row['loss']:.3f}  accuracy {row['accuracy']:.3f}")
    save_model(model, Path("model.pt"))
    print("model.pt written")


if __name__ == "__main__":
    main()
