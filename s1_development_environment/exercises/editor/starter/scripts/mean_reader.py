"""Read digits by the nearest mean scan, and count the right ones among the last scans.

Run it in the project's folder, with the path of an export or without.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

EXPORT = Path("data/raw/export from sorter/first 100 scans.csv")
HELD_OUT = 20  # the last scans of the file: to test on, not to learn from


def load(path: Path) -> tuple[list[list[int]], list[int]]:
    """The scans of an export and their digits.

    A line holds the scan's number, its digit, and 64 values from 0 to 16.
    """
    scans, digits = [], []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            _number, digit, *ink = map(int, row)
            if len(ink) != 64:
                raise ValueError(f"scan {row[0]} has {len(ink)} values, not 64")
            scans.append(ink)
            digits.append(digit)
    return scans, digits


def mean_scans(scans: list[list[int]], digits: list[int]) -> dict[int, list[float]]:
    """For each digit, the mean of its scans."""
    means = {}
    for digit in sorted(set(digits)):
        own = [scan for scan, its in zip(scans, digits, strict=True) if its == digit]
        means[digit] = [sum(values) / len(own) for values in zip(*own, strict=True)]
    return means


def read(scan: list[int], means: dict[int, list[float]]) -> int:
    """The digit whose mean scan is nearest."""

    def distance(digit: int) -> float:
        return sum((a - b) ** 2 for a, b in zip(scan, means[digit], strict=True))

    return min(means, key=distance)


def evaluate(path: Path) -> tuple[int, int]:
    """How many of the held-out scans are read right, and how many there are."""
    scans, digits = load(path)
    means = mean_scans(scans[:-HELD_OUT], digits[:-HELD_OUT])
    right = 0
    for scan, digit in zip(scans[-HELD_OUT:], digits[-HELD_OUT:], strict=True):
        reading = read(scan, means)
        right += reading == digit
    return right, HELD_OUT


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else EXPORT
    right, tested = evaluate(path)
    print(f"{right} of {tested} scans read right")


if __name__ == "__main__":
    main()
