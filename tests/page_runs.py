"""Pages that are made of a few blocks, and what becomes of these when they run."""

from __future__ import annotations

from pathlib import Path

from coursekit.load import load
from coursekit.run.outcome import Outcome
from coursekit.run.pages import run_page
from courses import write

FRONT = "---\ndescription: x\n---\n\n# One\n\n"


def outcomes(root: Path, text: str, **files: str) -> list[Outcome]:
    """What becomes of the blocks of a page, with an empty folder for the temporary ones, which must be empty again."""
    scratch = root / "scratch"
    scratch.mkdir()
    course = load(write(root / "course", {"docs/index.md": FRONT + text, **files}))
    found = list(run_page(course, course.page_by_path["docs/index.md"], scratch))
    assert list(scratch.iterdir()) == []
    return found


def states(root: Path, text: str, **files: str) -> list[str]:
    return [f"{o.state}{': ' if o.message else ''}{o.message}" for o in outcomes(root, text, **files)]


def python(text: str) -> str:
    return f"```python\n{text}\n```\n\n"


def bash(text: str) -> str:
    return f"```bash\n{text}\n```\n\n"


def console(text: str) -> str:
    return f"```console\n{text}\n```\n\n"
