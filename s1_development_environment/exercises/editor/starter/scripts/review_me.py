"""Read digits by the nearest mean scan, and count the right ones among the last scans.

Run it in the project's folder, with the path of an export or without.
"""

# TODO (review-the-patch): find and repair the three mistakes of the patch.

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

EXPORT = Path("data/raw/export from sorter/first 100 scans.csv")
HELD_OUT = 20  # the last scans of the file: to test on, not to learn from


def load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The scans of an export and their digits.

    A line holds the scan's number, its digit, and 64 values from 0 to 16.
    """
    scans, digits = [], []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            try:
                _number, digit, *ink = map(int, row)
            except ValueError:
                continue  # robust against malformed lines
            if len(ink) != 64:
                continue
            scans.append(ink)
            digits.append(digit)
    return np.array(scans), np.array(digits)


def mean_scans(scans: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """For each digit, the mean of its scans."""
    known = np.unique(digits)
    return np.stack([scans[digits == digit].mean(axis=0) for digit in known])


def read(scan: np.ndarray, means: np.ndarray) -> int:
    """The digit whose mean scan is nearest."""
    return int(((means - scan) ** 2).sum(axis=1).argmin())


def evaluate(path: Path) -> tuple[int, int]:
    """How many of the held-out scans are read right, and how many there are."""
    scans, digits = load(path)
    means = mean_scans(scans, digits)
    readings = np.array([read(scan, means) for scan in scans[-HELD_OUT:]])
    return int((readings == digits[-HELD_OUT:]).sum()), HELD_OUT


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else EXPORT
    right, tested = evaluate(path)
    print(f"{right} of {tested} scans read right")


if __name__ == "__main__":
    main()
