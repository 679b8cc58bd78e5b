"""Deliver scans as the sorting office does, a batch at a time: `python scripts/make_batches.py 1`."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

ROWS = {1: (0, 900), 2: (900, 1200)}  # batch → its scans, in the order of the data set
FOLDER = Path("data/batches")


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as `np.savez` does, with the same bytes on every system, so that everybody gets the same hash."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # from 1980, whatever the time
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # from Unix, whatever the system
            with archive.open(entry, "w") as file:
                np.lib.format.write_array(file, array.astype(np.uint8))


def make_batch(number: int, folder: Path) -> Path:
    """Write a batch: `images`, uint8 of shape (N, 8, 8) with ink 0 to 16, and `labels`, uint8 of shape (N,)."""
    start, stop = ROWS[number]
    digits = load_digits()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"batch_{number}.npz"
    write_arrays(path, {"images": digits.images[start:stop], "labels": digits.target[start:stop]})
    return path


def main() -> int:
    """Write one batch; the exit code."""
    if len(sys.argv) != 2 or sys.argv[1] not in {str(number) for number in ROWS}:
        print("usage: python scripts/make_batches.py 1|2", file=sys.stderr)
        return 2
    number = int(sys.argv[1])
    start, stop = ROWS[number]
    print(f"{make_batch(number, FOLDER).as_posix()}: {stop - start} scans")
    return 0


if __name__ == "__main__":
    sys.exit(main())
