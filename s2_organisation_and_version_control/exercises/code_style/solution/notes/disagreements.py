"""Three functions on which mypy and ty disagree."""

import json
from pathlib import Path
from typing import Protocol, runtime_checkable


@runtime_checkable
class HasToList(Protocol):
    """Whatever can turn itself into a list of numbers."""

    def tolist(self) -> list[int]:
        """The numbers."""
        ...


def digit_of(text: str) -> int:
    """The digit in a line of a report."""
    return int(text.strip())


def load_shares(path: Path) -> dict[int, float]:
    """Shares that somebody has saved as JSON, by digit."""
    saved = json.loads(path.read_text(encoding="utf-8"))
    return {int(digit): float(share) for digit, share in saved.items()}


def as_list(values: object) -> list[int]:
    """The values of a tensor, an array or a series as a list."""
    if isinstance(values, HasToList):
        return list(values.tolist())
    raise TypeError(f"no list of numbers: {values}")
