"""The command `mailroom`: train a model, evaluate it, and read scans with it.

PyTorch takes more than a second to import, so it is imported inside the commands: help and completion do without it.
"""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:  # for the type checker only
    from torch import Tensor

    from .model import DigitCNN

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def complete_models(incomplete: str) -> list[str]:
    """The model files here and one folder further down whose path begins with what has been typed."""
    files = sorted([*Path().glob("*.pt"), *Path().glob("*/*.pt")])
    return [file.as_posix() for file in files if file.as_posix().startswith(incomplete)]


Model = Annotated[
    Path,
    typer.Option(envvar="MAILROOM_MODEL", dir_okay=False, help="File of the model.", autocompletion=complete_models),
]
LearningRate = Annotated[float, typer.Option("--lr", min=1e-6, help="Adam's learning rate.")]
Mistakes = Annotated[bool, typer.Option("--mistakes", help="Show the mistakes of which the model is surest.")]
Epochs = Annotated[int, typer.Option(min=1, help="How often to go through the training set.")]
Batches = Annotated[
    Path, typer.Option(envvar="MAILROOM_BATCHES", exists=True, file_okay=False, help="Folder of the batches.")
]
Scans = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Files of eight lines of numbers.")]
Config = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="TOML file, a table for each command.")]


def fail(message: str) -> NoReturn:
    """Say on standard error what is wrong, and end the command with exit code 1."""
    typer.echo(f"mailroom: {message}", err=True)
    raise typer.Exit(1)


def model_from(path: Path) -> "DigitCNN":
    """Load a model, or end the command."""
    from pickle import UnpicklingError

    from .model import load_model

    try:
        return load_model(path)
    except OSError as error:
        fail(f"cannot load the model {path.as_posix()}: {error}")
    except (EOFError, LookupError, RuntimeError, TypeError, UnpicklingError, ValueError):
        fail(f"{path.as_posix()} is not a model that this mailroom can use")


def batches_from(folder: Path) -> "tuple[Tensor, Tensor]":
    """Load all batches of a folder, or end the command."""
    from zipfile import BadZipFile

    from .data import load_batches

    try:
        return load_batches(folder)
    except OSError as error:
        fail(f"cannot load the batches: {error}")
    except (BadZipFile, EOFError, LookupError, TypeError, ValueError):
        fail(f"a file in {folder.as_posix()} is damaged, or not a batch")


@app.callback()
def settings(ctx: typer.Context, config: Config = None) -> None:
    """Read the handwritten digits of postcodes."""
    if config is None:
        return
    try:
        tables = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fail(f"{config.as_posix()}: {error}")
    commands = ctx.command.commands if isinstance(ctx.command, TyperGroup) else {}
    for name, values in tables.items():
        if name not in commands:
            fail(f"{config.as_posix()}: there is no command {name}")
        if not isinstance(values, dict):
            fail(f"{config.as_posix()}: {name} is not a table")
        unknown = sorted(values.keys() - {parameter.name for parameter in commands[name].params})
        if unknown:
            fail(f"{config.as_posix()}: {name} has no option {', '.join(unknown)}")
    ctx.default_map = tables


@app.command()
def train(
    epochs: Epochs = 12,
    lr: LearningRate = 2e-3,
    batches: Batches = Path("data/batches"),
    model: Model = Path("model.pt"),
) -> None:
    """Train a model on all batches but their last quarter, and write it to a file."""
    import torch

    from . import train as training
    from .data import split_in_order
    from .model import DigitCNN, save_model

    if not model.parent.is_dir():
        fail(f"cannot write {model.as_posix()}: there is no such folder")
    images, labels = batches_from(batches)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = DigitCNN()
    train_set, validation_set = split_in_order(images, labels, held_out=len(images) // 4)
    for row in training.train(network, train_set, validation_set, epochs=epochs, lr=lr):
        typer.echo(f"epoch {row['epoch']:2.0f}  loss {row['loss']:.3f}  accuracy {row['accuracy']:.3f}")
    save_model(network, model)
    typer.echo(f"{model.as_posix()} written")


@app.command()
def evaluate(model: Model = Path("model.pt"), mistakes: Mistakes = False) -> None:
    """Test a model on the late batch."""
    from torch.utils.data import TensorDataset

    from . import evaluate as evaluation
    from .data import LATE, load_scans

    late = TensorDataset(*load_scans(*LATE))
    network = model_from(model)
    typer.echo(f"late batch: {evaluation.accuracy(network, late):.3f} of {len(late)} scans read right")
    for mistake in evaluation.confident_mistakes(network, late) if mistakes else []:
        typer.echo(f"scan {LATE[0] + mistake.scan}: a {mistake.label}, read as {mistake.prediction}")


@app.command()
def predict(scans: Scans, model: Model = Path("model.pt")) -> None:
    """Read scans, and print one line for each."""
    import torch

    from .predict import read_digits, read_scan

    network = model_from(model)
    try:
        images = torch.stack([read_scan(scan) for scan in scans])
    except (OSError, ValueError) as error:
        fail(str(error))
    for scan, reading in zip(scans, read_digits(network, images), strict=True):
        typer.echo(f"{scan.as_posix()}: {reading.digit} ({reading.confidence:.2f})")


if __name__ == "__main__":
    app(prog_name="mailroom")
