"""What the site's scripts are told of the course, and what is kept from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coursekit.model import Module
from coursekit.plain import plain_markdown
from coursekit.progress import answer_key, course_data, fnv1a
from coursekit.render import Site
from courses import DRAFT, course

WRITTEN = DRAFT.replace("status: draft\nminutes: 10\n", "")
TASKS = """
## Exercises

### Walk (5 min)

<!-- id: walk -->

Walk.

## Knowledge check

### Which?

<!-- id: which -->

- [ ] this
- [x] that

### How many?

- [x] one
- [x] two
"""


@pytest.fixture
def module(tmp_path: Path) -> Module:
    return course(tmp_path, {"s1_start/first.md": WRITTEN + TASKS}).modules[0]


def test_the_script_knows_the_former_names_of_a_module(tmp_path: Path) -> None:
    aliases = "---\naliases: [s1_start/steps, s0_before/first, /s1_start/walking/, s1_start/second]\n"
    files = {
        "s1_start/README.md": "---\nmodules: [first, second]\n---\n# The start\n",
        "s1_start/first.md": (WRITTEN + TASKS).replace("---\n", aliases, 1),
        "s1_start/second.md": WRITTEN + TASKS,
    }
    text = course_data(course(tmp_path, files), dict.fromkeys(files, ""))
    first, second = json.loads(text.removeprefix("window.coursekit = ").removesuffix(";\n"))["modules"]
    assert first["was"] == ["steps", "walking"]  # what another module is called today is that one's
    assert "was" not in second


def test_tasks_are_those_that_can_be_ticked_off_in_their_order(module: Module) -> None:
    assert [task.id for task in module.tasks] == ["walk", "which", None]


def test_the_script_holds_written_modules_only(tmp_path: Path) -> None:
    written = course(tmp_path / "a", {"s1_start/first.md": WRITTEN + TASKS})
    text = course_data(written, {"s1_start/first.md": "s1_start/first/"})
    data = json.loads(text.removeprefix("window.coursekit = ").removesuffix(";\n"))
    (first,) = data["modules"]
    assert (first["name"], first["url"], first["exercises"]) == ("first", "s1_start/first/", ["walk"])
    assert first["questions"] == ["which", "how-many"]
    draft = course(tmp_path / "b", {"s1_start/first.md": DRAFT + TASKS})
    assert '"modules":[]' in course_data(draft, {})


def test_the_key_fits_the_right_option_only(module: Module) -> None:
    which, how_many = module.questions
    assert answer_key(module, which) == fnv1a("first/which/1") != fnv1a("first/which/0")
    assert answer_key(module, how_many) == "", "two right options: the question stays a list"


def test_the_page_does_not_give_the_answer_away(tmp_path: Path) -> None:
    loaded = course(tmp_path, {"s1_start/first.md": WRITTEN + TASKS})
    shown = Site(loaded, lambda page, target: target).markdown(loaded.modules[0].page)
    assert "[x]" not in shown
    key = fnv1a("first/which/1")
    assert f'### Which? {{#which .ck-question data-ck-key={key} data-toc-label="Question 1"}}' in shown
    assert "### How many? {#how-many}" in shown


def test_a_task_is_a_block_from_its_heading_to_the_next(tmp_path: Path) -> None:
    loaded = course(tmp_path, {"s1_start/first.md": WRITTEN + TASKS})
    site = Site(loaded, lambda page, target: target)
    task = '<h3 class="ck-exercise" id="one">One</h3>\n<p>Do it.</p>\n'
    open_fold = '<h3 class="ck-question" id="two">Two</h3>\n<details>\n'
    shown = site.filled(loaded.modules[0].page, f"<h2>Exercises</h2>\n{task}<h3>Other</h3>\n{open_fold}")
    framed = f'<div class="ck-task ck-task-exercise">\n{task}</div>\n'
    assert shown == f"<h2>Exercises</h2>\n{framed}<h3>Other</h3>\n{open_fold}"


def test_a_hidden_block_is_left_out(tmp_path: Path) -> None:
    text = (
        "<!-- run: hidden timeout=9 -->\n```bash\ngit init\n```\n\nSeen.\n\n"
        "<!-- run: expect='a hidden file' -->\n```bash\nls\n```\n"
    )
    loaded = course(tmp_path, {"s1_start/first.md": WRITTEN + "\n" + text})
    page = loaded.modules[0].page
    for shown in (
        Site(loaded, lambda page, target: target).markdown(page),
        plain_markdown(loaded, page, lambda path: path),
    ):
        assert "git init" not in shown
        assert "timeout" not in shown
        assert "```bash\nls\n```" in shown
        assert "Seen." in shown


def test_code_that_is_a_file_has_its_path_as_title(tmp_path: Path) -> None:
    mark = "<!-- run: timeout=9 file=src/one.py -->\n"
    text = f'{mark}```python\na = 1\n```\n\n```python\nb = 1\n```\n\n{mark}```python title="own"\nc = 1\n```\n'
    loaded = course(tmp_path, {"s1_start/first.md": WRITTEN + "\n" + text})
    shown = Site(loaded, lambda page, target: target).markdown(loaded.modules[0].page)
    assert '```python title="src/one.py"\na = 1\n' in shown
    assert "```python\nb = 1\n" in shown
    assert '```python title="own"\nc = 1\n' in shown
