"""The command `mailroom`, which is also `python -m mailroom`: read scans and print one line for each."""

import argparse
import os
import sys
from pathlib import Path
from pickle import UnpicklingError

import torch

from .model import load_model
from .predict import read_digits, read_scan


def main(argv: list[str] | None = None) -> int:
    """Read the scans that are named on the command line.

    Args:
        argv: What stands behind the command's name; None: what the shell has passed.

    Returns:
        The exit code: 0, or 1 if the model or a scan cannot be read. Misuse ends Python with 2.
    """
    parser = argparse.ArgumentParser(
        prog="mailroom",
        description="Read the digits on scans.",
        epilog="The model is the file that MAILROOM_MODEL names, or model.pt.",
    )
    parser.add_argument("scans", metavar="SCAN", type=Path, nargs="+", help="a file of eight lines of eight numbers")
    scans: list[Path] = parser.parse_args(argv).scans

    path = Path(os.environ.get("MAILROOM_MODEL", "model.pt"))
    try:
        model = load_model(path)
    except (OSError, EOFError, LookupError, RuntimeError, UnpicklingError) as error:
        print(f"mailroom: cannot load the model {path}: {error}", file=sys.stderr)
        return 1
    try:
        images = torch.stack([read_scan(scan) for scan in scans])
    except (OSError, ValueError) as error:
        print(f"mailroom: {error}", file=sys.stderr)
        return 1
    for scan, reading in zip(scans, read_digits(model, images), strict=True):
        print(f"{scan.as_posix()}: {reading.digit} ({reading.confidence:.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
