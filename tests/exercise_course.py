"""A small course with exercises that are as they should be, for tests to break."""

from __future__ import annotations

from collections.abc import Mapping

PAGE = """\
---
description: Take a step.
core: {core}
requires: {requires}
tools: []
objectives: [Take a step]
---
# {title}

The files are {files}.

## Exercises

{exercises}
"""
EXERCISE = """\
### {title} (10 min)

<!-- id: {id} -->

Do it.

<details markdown><summary>Hint</summary>

Look.

</details>
<details markdown><summary>Solution</summary>

So.

</details>
"""


def page(title: str, exercises: Mapping[str, str], files: str, requires: str = "[]", core: bool = True) -> str:
    """A module's page; exercises: id → title."""
    parts = (EXERCISE.format(id=name, title=heading) for name, heading in exercises.items())
    return PAGE.format(title=title, exercises="\n".join(parts), files=files, requires=requires, core=str(core).lower())


def session(title: str, *modules: str) -> str:
    return f"---\nmodules: [{', '.join(modules)}]\n---\n# {title}\n\nA day.\n"


SUMS = """\
def add(one: int, other: int) -> int:
    # TODO (add-up): return the sum
    raise NotImplementedError


def double(number: int) -> int:
    # TODO (double-it): use add
    return number
"""
SUMS_DONE = """\
def add(one: int, other: int) -> int:
    return one + other


def double(number: int) -> int:
    return add(number, number)
"""
HELLO = """\
set -eu

# TODO (greet): say "hello" and the name
echo
"""
HELLO_DONE = """\
set -eu

echo "hello $1"
"""
TEST_FIRST = """\
import subprocess

from sums import add, double


def test_add_up() -> None:
    assert add(2, 3) == 5, "add(2, 3) is not 5: is it the sum?"


def test_double_it() -> None:
    assert double(4) == 8, "double(4) is not 8"


def test_greet() -> None:
    done = subprocess.run(["bash", "scripts/hello.sh", "Ada"], capture_output=True, text=True, check=False)
    assert done.stdout == "hello Ada\\n", f"hello.sh Ada does not greet: {done.stderr or done.stdout}"
"""
MEAN = """\
from sums import add


def mean(one: int, other: int) -> float:
    # TODO (mean): half the sum
    raise NotImplementedError
"""
TEST_SECOND = """\
def test_mean() -> None:
    from mean import mean

    assert mean(1, 2) == 1.5
"""
S1, S2 = "s1_start/exercises/first", "s2_next/exercises/second"
SIDE = "s1_start/exercises/aside"

FILES: dict[str, str | bytes | None] = {
    "s1_start/README.md": session("The start", "first", "aside"),
    "s1_start/first.md": page(
        "First steps",
        {"explore": "Explore", "add-up": "Add up", "double-it": "Double it", "greet": "Greet"},
        "`src/sums.py`, `scripts/hello.sh` and `data/words.txt`",
    ),
    f"{S1}/starter/src/sums.py": SUMS,
    f"{S1}/solution/src/sums.py": SUMS_DONE,
    f"{S1}/starter/scripts/hello.sh": HELLO,
    f"{S1}/solution/scripts/hello.sh": HELLO_DONE,
    f"{S1}/starter/data/words.txt": "one\n",
    f"{S1}/test_first.py": TEST_FIRST,
    "s1_start/aside.md": page("Aside", {"look": "Look"}, "`notes.txt`", core=False),
    f"{SIDE}/starter/notes.txt": "A note.\n",
    "s2_next/README.md": session("Next", "second"),
    "s2_next/second.md": page("Second steps", {"mean": "The mean"}, "`src/mean.py`", "[first]"),
    f"{S2}/starter/src/mean.py": MEAN,
    f"{S2}/solution/src/mean.py": MEAN.replace(
        "# TODO (mean): half the sum\n    raise NotImplementedError", "return add(one, other) / 2"
    ),
    f"{S2}/test_second.py": TEST_SECOND,
}
