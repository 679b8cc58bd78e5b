"""What came of running something that a course shows or asks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One block, or one condition of an exercise: where it stands, what was done with it, and how that ended."""

    path: str  # relative to the course's root, with `/`
    line: int
    what: str  # such as "M1.2 Pass a variable: the solution passes"
    state: str  # "passed", "failed", "skipped"; of blocks also "parsed", "compared" and "shown"
    message: str = ""  # why, where it did not pass
    output: str = ""  # what there is to see where it did not pass: the real output beside the expected one

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.state}" + (f": {self.message}" if self.message else "")
