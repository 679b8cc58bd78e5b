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
    # TODO (complete-with-tab): return the paths of the files *.pt here and one folder down that begin with `incomplete`.
    raise NotImplementedError


Model = Annotated[
    Path,
    typer.Option(envvar="MAILROOM_MODEL", dir_okay=False, help="File of the model.", autocompletion=complete_models),
]
LearningRate = Annotated[float, typer.Option("--lr", min=1e-6, help="Adam's learning rate.")]
Mistakes = Annotated[bool, typer.Option("--mistakes", help="Show the mistakes of which the model is surest.")]
# TODO (refuse-bad-input): at least one epoch; the folder of the batches must exist, and so must the files of the scans.
Epochs = Annotated[int, typer.Option(help="How often to go through the training set.")]
Batches = Annotated[Path, typer.Option(envvar="MAILROOM_BATCHES", help="Folder of the batches.")]
Scans = Annotated[list[Path], typer.Argument(help="Files of eight lines of numbers.")]
Config = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="TOML file, a table for each command.")]


def fail(message: str) -> NoReturn:
    """Say on standard error what is wrong, and end the command with exit code 1."""
    # TODO (refuse-bad-input): this is Ada's version; the night shift's script noticed nothing.
    print(f"mailroom: {message}")
    raise typer.Exit


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
    # TODO (which-value-wins): let the values of the file be the defaults; refuse tables and names that mean nothing.
    raise NotImplementedError


@app.command()
def train() -> None:
    # TODO (train-with-options): --epochs, --lr, --batches and --model; then do what main() in train.py does.
    """Train a model on all batches but their last quarter, and write it to a file."""
    raise NotImplementedError


# TODO (three-commands): the commands evaluate and predict.


if __name__ == "__main__":
    app(prog_name="mailroom")
