"""How well each digit is read, as a small table."""

from collections import Counter
from collections.abc import Mapping, Sequence


def share_right(labels: Sequence[int], readings: Sequence[int]) -> dict[int, float]:
    """For each digit, the share of its scans that were read right.

    >>> share_right(labels=[3, 3, 8], readings=[3, 5, 8])
    {3: 0.5, 8: 1.0}

    Args:
        labels: The digit that each scan shows.
        readings: The digit that was read in it, in the same order.

    Returns:
        Digits in rising order, each with a share from 0 to 1; no digit that no scan shows.

    Raises:
        ValueError: There are more labels than readings, or fewer.
    """
    seen: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for label, reading in zip(labels, readings, strict=True):
        seen[label] += 1
        right[label] += label == reading
    return {digit: right[digit] / seen[digit] for digit in sorted(seen)}


def worst_digit(shares: Mapping[int, float]) -> int | None:
    """The digit that is read worst, the smallest of several; None if there is no digit."""
    return min(shares, key=lambda digit: (shares[digit], digit), default=None)


def as_table(shares: Mapping[int, float]) -> str:
    """A line for each digit, and the worst one at the end.

    >>> print(as_table({3: 0.5, 8: 1.0}))
    digit  right
        3    50%
        8   100%
    worst: 3 (50%)
    >>> as_table({})
    'no scans'
    """
    worst = worst_digit(shares)
    if worst is None:
        return "no scans"
    lines = ["digit  right"]
    lines += [f"{digit:5}  {share:5.0%}" for digit, share in shares.items()]
    lines.append(f"worst: {worst} ({shares[worst]:.0%})")
    return "\n".join(lines)
