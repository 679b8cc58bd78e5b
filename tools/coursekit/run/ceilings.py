"""What is done with the blocks of a course, counted apart, and how many of them may be left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .blocks import Block
from .engine import engine
from .languages import LANGUAGES, Kind

SKIPPED = 0.10  # of the blocks in languages that run; those for another system are not counted
ILLUSTRATIVE = 0.02
OTHER_SYSTEMS = ("windows", "macos")
STATES = ("run", "parsed", "compared", "shown", "skipped", "wrong")


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of blocks by what is done with them, and the shares that have a ceiling."""

    states: Counter[str]
    runnable: int  # in a language that runs, those for another system left out
    skipped: int  # of these
    illustrative: int

    @property
    def skipped_share(self) -> float:
        return self.skipped / self.runnable if self.runnable else 0.0

    @property
    def illustrative_share(self) -> float:
        return self.illustrative / self.runnable if self.runnable else 0.0

    def describe(self) -> str:
        """One line: each count, and the shares."""
        counts = ", ".join(f"{self.states[state]} {state}" for state in STATES if self.states[state] or state == "run")
        shares = f"{self.skipped} of {self.runnable} that could run are skipped ({self.skipped_share:.1%}"
        return f"{counts}; {shares}, {self.illustrative_share:.1%} as illustrative)"

    def broken(self) -> Iterator[str]:
        """The ceilings that do not hold."""
        for share, ceiling, what in (
            (self.skipped_share, SKIPPED, "are skipped"),
            (self.illustrative_share, ILLUSTRATIVE, "are skipped as illustrative"),
        ):
            if share > ceiling:
                yield f"{share:.1%} of the blocks that could run {what}; at most {ceiling:.0%} may be."


def state(block: Block) -> str:
    """What is done with a block."""
    if block.problems:
        return "wrong"
    if is_skipped(block):
        return "skipped"
    return block.kind.value


def is_skipped(block: Block) -> bool:
    """Whether a block does not run here; one that needs a container engine does where there is one."""
    return bool(block.marks.skip) and not (block.marks.skip == "engine" and engine() is not None)


def totals(blocks: Iterable[Block]) -> Totals:
    """Count blocks."""
    found = list(blocks)
    runnable = [b for b in found if LANGUAGES.get(b.language) is Kind.RUN and not b.marks.file]
    counted = [block for block in runnable if block.marks.skip not in OTHER_SYSTEMS]
    left_out = [block for block in counted if is_skipped(block)]
    illustrative = sum(block.marks.skip == "illustrative" for block in left_out)
    return Totals(Counter(map(state, found)), len(counted), len(left_out), illustrative)
