"""Three functions on which mypy and ty disagree."""

import json
from pathlib import Path


def digit_of(text: str) -> int:
    """The digit in a line of a report."""
    # TODO (why-they-disagree): who complains about this one, and why? Mend it for both.
    digit = text.strip()
    digit = int(digit)
    return digit


def load_shares(path: Path) -> dict[int, float]:
    """Shares that somebody has saved as JSON, by digit."""
    # TODO (why-they-disagree): and about this one?
    return json.loads(path.read_text(encoding="utf-8"))


def as_list(values: object) -> list[int]:
    """The values of a tensor, an array or a series as a list."""
    # TODO (why-they-disagree): and about this one?
    if hasattr(values, "tolist"):
        return list(values.tolist())
    raise TypeError(f"no list of numbers: {values}")
