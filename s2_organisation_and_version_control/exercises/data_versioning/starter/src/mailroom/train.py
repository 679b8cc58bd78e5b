"""Teach a model to read the scans in a folder of batches: `python -m mailroom.train` writes model.pt."""

import os
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from .data import BATCH_1, BATCH_2, load_batches, load_scans, split_in_order
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
    order = torch.Generator().manual_seed(seed)
    loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True, generator=order)
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for images, labels in loader:
            scores = model(images)
            loss = nn.functional.cross_entropy(scores, labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
        history.append({"epoch": epoch, "loss": total / len(train_set), "accuracy": accuracy(model, validation_set)})
    return history


def best_model(train_set: TensorDataset, validation_set: TensorDataset, seed: int = 0) -> nn.Module:
    """The model that you would hand over: it learns from the training set only."""
    torch.manual_seed(seed)
    model = DigitCNN()
    train(model, train_set, validation_set, lr=1e-2, seed=seed)
    return model


def main() -> None:
    """Train on the batches in MAILROOM_BATCHES, validate on their last quarter, and write MAILROOM_MODEL."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = DigitCNN()
    # TODO (read-the-batches): the batches of the folder in MAILROOM_BATCHES (default data/batches), in file order;
    # the last quarter of the scans is for validation. Print how many scans each part has.
    train_set, validation_set = TensorDataset(*load_scans(*BATCH_1)), TensorDataset(*load_scans(*BATCH_2))
    for row in train(model, train_set, validation_set):
        print(f"epoch {row['epoch']:2.0f}  loss {row['loss']:.3f}  accuracy {row['accuracy']:.3f}")
    # TODO (read-the-batches): write to the file in MAILROOM_MODEL (default model.pt).
    save_model(model, Path("model.pt"))
    print("model.pt written")


if __name__ == "__main__":
    main()
