"""What the rule on the content security policy finds, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.model import Course
from coursekit.rule import check
from courses import MINIMAL, course

CONFIG = "site_url: https://course.example/a/\n" + (MINIMAL / "mkdocs.yml").read_text(encoding="utf-8")
HOME = "---\ndescription: The smallest course.\npages: []\n---\n# Example course\n\n[Start](../s1_start/README.md).\n\n"
BLOCKED = {
    'Text.\n\n<p style="color: red">x</p>': (13, 4),
    'Some *words*{ style="color: red" } here': (11, 15),
    '<button onclick="go()">Go</button>': (11, 9),
    "<style>p { color: red }</style>": (11, 1),
    '<object type="image/png"></object>': (11, 1),
    "![Two feet in the air](https://other.example/feet.svg)": (11, 1),
    "![Two feet in the air][feet]\n\n[feet]: //other.example/feet.svg": (11, 1),
    "<img alt='Two feet in the air' src='https://other.example/feet.svg'>": (11, 32),
    '<iframe src="https://other.example/"></iframe>': (11, 9),
    '<script src="https://other.example/a.js"></script>': (11, 9),
    "[Go](javascript:go())": (11, 1),
}
ALLOWED = [
    '`<p style="color: red">`',
    '```html\n<p style="color: red" onclick="go()">\n<script src="https://other.example/a.js"></script>\n```',
    '<!-- <p style="color: red"> -->',
    'Write style="color: red" or onclick="go()" into it.',
    "| a | b |\n|--:|:-:|\n| 1 | 2 |",
    "<script>let here = 1</script>",
    '<script type="application/json">{}</script>',
    '<img alt="A dot in grey" src="data:image/png;base64,AA">',
    "![Two feet in the air](https://course.example/feet.svg)",
    "[Other](https://other.example/) and <a href='//other.example/'>the same</a>",
    "<p class='important' data-on='x'>x</p>",
]


def blocked(course: Course) -> list[tuple[int, int]]:
    return [(d.location.line, d.location.column) for d in check(course) if d.code == "C721"]


def with_home(root: Path, text: str, settings: str = CONFIG) -> Course:
    return course(root, {"docs/index.md": f"{HOME}Words.\n\n{text}\n", "mkdocs.yml": settings})


@pytest.mark.parametrize("text", BLOCKED)
def test_what_the_policy_blocks_is_found_where_it_is_written(text: str, tmp_path: Path) -> None:
    assert blocked(with_home(tmp_path, text)) == [BLOCKED[text]]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_it_allows_is_left_alone(text: str, tmp_path: Path) -> None:
    assert blocked(with_home(tmp_path, text)) == []


def test_each_of_several_has_its_own_place(tmp_path: Path) -> None:
    text = '<p style="color: red">x</p>\n\n<b style="color: red">x</b>'
    assert blocked(with_home(tmp_path, text)) == [(11, 4), (13, 4)]


def test_a_site_without_the_plugin_has_no_such_policy(tmp_path: Path) -> None:
    text = '<p style="color: red" onclick="go()">x</p>'
    assert blocked(with_home(tmp_path, text, CONFIG.partition("plugins:")[0])) == []
