"""Teach a model to read scans: `python -m mailroom.train`, with settings from conf/."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import hydra
import torch
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from .config import TrainConfig, checked, register
from .data import load_sets
from .evaluate import accuracy
from .manifest import begin, finish, write
from .model import DigitCNN, save_model
from .record import save_settings

MakeOptimiser = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]

register()


def train(
    model: nn.Module,
    train_set: TensorDataset,
    validation_set: TensorDataset,
    epochs: int = 12,
    lr: float = 2e-3,
    seed: int = 0,
    batch_size: int = 64,
    optimiser: MakeOptimiser | None = None,
) -> list[dict[str, float]]:
    """Train a model in place.

    Args:
        model: Anything that turns images into ten scores each.
        train_set: The scans to learn from, in an order that is new in each epoch.
        validation_set: The scans to judge the model by after each epoch.
        epochs: How often to go through the training set.
        lr: Adam's learning rate, if no optimiser is given.
        seed: Where the order of the scans starts from.
        batch_size: How many scans make one step.
        optimiser: Makes the optimiser from the parameters; None: it is Adam.

    Returns:
        For each epoch `epoch` (from 1), `loss` (the mean over its training scans) and `accuracy` (validation).
    """
    order = torch.Generator().manual_seed(seed)
    loader = DataLoader(train_set, batch_size=batch_size, shuffle=True, generator=order)
    steps = optimiser(model.parameters()) if optimiser else torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        for images, labels in loader:
            scores = model(images)
            loss = nn.functional.cross_entropy(scores, labels)
            steps.zero_grad()
            loss.backward()
            steps.step()
            total += loss.item() * len(labels)
        history.append({"epoch": epoch, "loss": total / len(train_set), "accuracy": accuracy(model, validation_set)})
    return history


def best_model(train_set: TensorDataset, validation_set: TensorDataset, seed: int = 0) -> nn.Module:
    """The model that you would hand over: it learns from the training set only."""
    torch.manual_seed(seed)
    model = DigitCNN()
    train(model, train_set, validation_set, lr=1e-2, seed=seed)
    return model


def run(config: TrainConfig) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train as the settings say: a model, and the history of its training."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    folder = Path(config.data)
    train_set, validation_set = load_sets(folder, config.held_out)
    print(f"{folder.as_posix()}: {len(train_set)} scans to train on, {len(validation_set)} to validate on")
    model: nn.Module = instantiate(config.model)
    history = train(
        model,
        train_set,
        validation_set,
        epochs=config.epochs,
        seed=config.seed,
        batch_size=config.batch_size,
        optimiser=instantiate(config.optimiser),
    )
    return model, history


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    """Train with the settings from conf/ and the command line; a run keeps its settings, history and model together."""
    config = checked(cfg)
    context = HydraConfig.get()
    folder = Path(context.runtime.output_dir)
    save_settings(cfg, context.runtime.choices, folder / "run.yaml")
    record = begin(OmegaConf.to_container(cfg, resolve=True), Path(config.data), Path())
    model, history = run(config)
    record = finish(record, model, Path())
    for row in history:
        print(f"epoch {row['epoch']:2.0f}  loss {row['loss']:.3f}  accuracy {row['accuracy']:.3f}")
    (folder / "history.json").write_text(json.dumps(history, indent=2), encoding="utf-8")
    save_model(model, folder / "model.pt")
    write(record, folder / "manifest.json")
    if context.mode == RunMode.RUN:
        save_model(model, Path(config.output))
        write(record, Path(config.output).with_name("manifest.json"))
        print(f"{Path(config.output).as_posix()} written")


if __name__ == "__main__":
    main()
