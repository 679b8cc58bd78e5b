"""A course of any size, for the benchmark and for tests that need more than the minimal course."""

from __future__ import annotations

import random
from pathlib import Path

TEXT = """
a model reads digits from scans and the pipeline that feeds it runs in a container which the tests build
again whenever data code or settings change so that nobody has to trust a number that was typed by hand
"""
WORDS = TEXT.split()
PER_SESSION = 5


def write_course(root: Path, modules: int, words: int = 2000) -> None:
    """Write a consistent course below a folder.

    Args:
        root: An empty folder.
        modules: How many modules, five to a session.
        words: Words of running text in each module.
    """
    chance = random.Random(modules)
    sessions = -(-modules // PER_SESSION)
    minutes = 90
    config = CONFIG.format(course=sessions * PER_SESSION * minutes / 60 + 1, session=PER_SESSION * minutes / 60)
    _write(root / "mkdocs.yml", config)
    _write(root / "README.md", "# Synthetic course\n\nMade by `tests/synthetic.py`.\n")
    _write(root / "docs/index.md", HOME)
    for session in range(1, sessions + 1):
        numbers = range((session - 1) * PER_SESSION + 1, min(session * PER_SESSION, modules) + 1)
        listed = "".join(f"  - {_name(number)}\n" for number in numbers)
        folder = root / _folder(session)
        _write(folder / "README.md", f"---\nmodules:\n{listed}---\n# Session of the day {session}\n\nWhy.\n")
        for number in numbers:
            _write(folder / f"{_name(number)}.md", _module(number, words, chance))


def _name(number: int) -> str:
    return f"topic_{number}"


def _folder(session: int) -> str:
    return f"s{session}_day"


def _module(number: int, words: int, chance: random.Random) -> str:
    requires = f"[{_name(number - 1)}]" if number > 1 else "[]"
    parts = [FRONT.format(requires=requires), f"# Topic {number}"]
    for section in range(1, 9):
        parts += [f"## Part {section} of topic {number}", _paragraphs(words // 8, number, chance), CODE]
    parts.append("## Exercises")
    parts += [EXERCISE.format(title=f"Try part {i}", id=f"try-part-{i}") for i in range(1, 7)]
    parts.append(QUIZ)
    return "\n\n".join(parts) + "\n"


def _paragraphs(words: int, number: int, chance: random.Random) -> str:
    text = [chance.choice(WORDS) for _ in range(words)]
    if number > 1:
        other = chance.randrange(1, number)
        session = (other - 1) // PER_SESSION + 1
        text[words // 2] = f"[another topic](../{_folder(session)}/{_name(other)}.md#part-3-of-topic-{other})"
    return "\n\n".join(" ".join(text[at : at + 60]) for at in range(0, words, 60))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


HOME = """\
---
description: A course made by a script.
pages: []
---
# Synthetic

Begin [here](../s1_day/README.md).

<!-- course: overview -->
"""
CONFIG = """\
site_name: Synthetic course
repo_url: https://github.com/example/synthetic
edit_uri: edit/main/
theme:
  name: material
  font: false
  features: [navigation.indexes, navigation.tabs]
markdown_extensions: [attr_list, def_list, md_in_html, tables, pymdownx.superfences, pymdownx.highlight,
  {{pymdownx.blocks.tab: {{alternate_style: true}}}}, pymdownx.tasklist, {{pymdownx.quotes: {{callouts: true}}}}]
plugins:
  - course:
      ects: 5
      budget: {{course: {course}, session: {session}, tolerance: 100000, lecture: 0, other: 0}}
      edition: {{name: Once, start: 2027-01-04}}
"""
FRONT = """\
---
description: Do one thing well and know why.
core: true
requires: {requires}
tools: [python, git]
objectives:
  - Do the first thing
  - Explain the second
---"""
CODE = '```python\nfrom pathlib import Path\n\ntext = Path("labels.csv").read_text()\nprint(len(text))\n```'
EXERCISE = """\
### {title} (10 min)

<!-- id: {id} -->

Do it.

<details markdown><summary>Hint</summary>

Look at the beginning.

</details>
<details markdown><summary>Solution</summary>

```python
print("done")
```

</details>"""
QUIZ = """\
## Knowledge check

### Which one is right?

- [ ] the first
- [x] the second

<details markdown><summary>Answer</summary>

The second, because of the first.

</details>

## Key points

- One thing at a time."""
