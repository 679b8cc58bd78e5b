"""`course new` and `course move`: a course full of cross links in, the same course at other paths out."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from coursekit import plan as plan_module
from coursekit.diagnostic import Edit, edited
from coursekit.front_list import front_list, new_entry
from coursekit.load import load
from coursekit.model import Course, Page, Source
from coursekit.rule import check
from coursekit.scaffold import Plan, ScaffoldError, move, new_module, new_session
from courses import course, tree


def module(title: str, body: str, requires: str = "[]") -> str:
    return f"""\
---
description: "Module: {title}."
core: true
requires: {requires}
tools: []
objectives:
  - Do it
---
# {title}

{body}
"""


SECOND = module(
    "Second",
    """\
Before it comes [the first](first.md#walk "A title"), once more [first](./first.md#walk) and
<a href="first.md?a=1&amp;b=2#walk">as HTML</a>. Far away is [größe](../s2_away/gr%C3%B6%C3%9Fe.md "Größe"),
also [by reference][far], [far][] and [far]. See [the questions](../docs/deep/faq.md#second),
[home](../README.md), [itself](second.md#second), [this place](#second), [nothing](nowhere.md) and [a module](https://example.org/second.md).

There is [no copy](exercises/second_copy), [no root](/first.md), <a href="../README.md?a=1&#38;b=2">home</a>.

![A drawing of its own](figures/own.svg)
![A drawing that is missing](figures/missing.svg)
![A drawing that another page shows the source of](figures/source.svg)
![One with a space in its name](figures/own%20two.svg)
![The same with the space](<figures/own two.svg>)
![A drawing that others use](figures/shared.svg) <img src="figures/shared.svg" alt="The shared drawing">

- [x] A definition serves [two](../s3_end/last.md) links.

[far]: <../s2_away/größe.md#deep> "A title"

## Exercises

### Do it (10 min)

<!-- id: do-it -->

The files are in [the starter](exercises/second/starter/a.py) and [the folder](exercises/second/).

<!-- run: file=s1_start/exercises/second/starter/a.py -->
```python title="s1_start/exercises/second/starter/a.py"
--8<-- "s1_start/exercises/second/starter/a.py:1:2"
```

```bash
cp -R s1_start/exercises/second/starter ./s1_start/exercises/second_copy
cat news1_start/second.md s1_start/second.md.orig
cp ./s1_start/exercises/second/starter/a.py ../s1_start/exercises/second/starter/a.py
```

```powershell
Copy-Item s1_start\\exercises\\second\\starter mailroom
```

<details markdown><summary>Hint</summary>

[First](first.md).

</details>
<details markdown><summary>Solution</summary>

--8<-- "s1_start/exercises/second/solution/a.py"

</details>
""",
    '["first"]',
)

FILES = {
    "mkdocs.yml": """\
site_name: Example course
repo_url: https://github.com/example/course
edit_uri: edit/main/
plugins:
  - course
""",
    "README.md": """\
# Example course

[Second](s1_start/second.md#do-it), [last](s3_end/last.md), [its files](s1_start/exercises/second).
""",
    "docs/index.md": """\
---
description: Home.
pages: [deep/faq]
---
# Home

[Second](../s1_start/second.md), [größe](../s2_away/gr%C3%B6%C3%9Fe.md), [session](../s1_start/README.md),
[on the host](https://github.com/example/course/blob/main/s1_start/second.md#second).
""",
    "docs/deep/faq.md": """\
---
description: Questions.
---
# Questions

## Second

[Second][s], [again][s]. ![Shared](../../s1_start/figures/shared.svg) [Dead](../../s3_end/dead.md)

[s]: ../../s1_start/second.md#do-it 'A title'
""",
    "s1_start/README.md": """\
---
modules:  # in this order
  # the very first
  - first

  # then this one
  - 'second'   # with files
  - third
  # the end
---
# Start

[First](first.md), [second](second.md), [last](../s3_end/last.md).
""",
    "s1_start/first.md": module("First", "## Walk\n\n[On](second.md#second), [far](../s2_away/größe.md)."),
    "s1_start/second.md": SECOND,
    "s1_start/third.md": module(
        "Third",
        "[Back](second.md), [last](../s3_end/last.md).\n\n--8<-- 's1_start/figures/source.svg'",
        "[first, second]",
    ),
    "s1_start/figures/own.svg": "<svg/>",
    "s1_start/figures/source.svg": "<svg/>\n",
    "s1_start/figures/own two.svg": "<svg></svg>",
    "s1_start/figures/shared.svg": "<svg />",
    "s1_start/exercises/second/starter/a.py": "x = 1\n",
    "s1_start/exercises/second/solution/a.py": "x = 2\n",
    "s1_start/exercises/second/test_a.py": "import pathlib\nHERE = 's1_start/exercises/second'\n",
    "s2_away/README.md": "---\nmodules: [ größe, \"beta\" ]\n---\n# Away\n\n[On](../s1_start/second.md)\n",
    "s2_away/größe.md": module("Größe", "[On](../s1_start/second.md), [beta](beta.md).\n\n## Deep\n"),
    "s2_away/beta.md": module("Beta", "[Back](gr%C3%B6%C3%9Fe.md).", "\n  - 'second'  # files\n  - größe"),
    "s3_end/README.md": "---\r\nmodules:\r\n  - last\r\n---\r\n# End\r\n\r\n[On](../s1_start/second.md)\r\n",
    "s3_end/last.md": module("Last", "[Second](../s1_start/second.md 'T'), [beta](../s2_away/beta.md).")
    .replace("\n", "\r\n"),
}  # fmt: skip
ORDER = {"C108", "C109", "C110", "C204"}  # what a session holds and when is what a move is to change


@pytest.fixture
def example(tmp_path: Path) -> Course:
    return course(tmp_path / "course", FILES)


def after(course: Course, plan: Plan) -> Course:
    plan.write(course.root)
    return load(course.root)


def text(course: Course, path: str) -> str:
    return course.page_by_path[path].source.text


def listed(course: Course) -> dict[str, list[str]]:
    return {session.slug: [m.name for m in session.modules] for session in course.sessions}


def without_aliases(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: re.sub(rb"aliases:\r?\n(  - .*\n)+", b"", content) for path, content in files.items()}


def diagnostics(course: Course, renames: Mapping[str, str] | None = None) -> Counter[tuple[str, str]]:
    """What the rules find, by the paths that files had before they were renamed."""
    found: Counter[tuple[str, str]] = Counter()
    for diagnostic in check(course, ignore=ORDER):
        path = diagnostic.location.path
        for old, new in (renames or {}).items():
            path = re.sub(rf"^{re.escape(new)}(?=/|$)", old, path)
        found[diagnostic.code, path] += 1
    return found


def test_links_of_the_moved_page(example: Course) -> None:
    moved = after(example, move(example, "second", "s2_away", after="größe", name="zwei"))
    assert listed(moved)["s2_away"] == ["größe", "zwei", "beta"]
    assert text(moved, "s2_away/README.md").splitlines()[1] == "modules: [ größe, 'zwei', \"beta\" ]"
    lines = text(moved, "s2_away/zwei.md")
    for line in (
        '[the first](../s1_start/first.md#walk "A title"), once more [first](./../s1_start/first.md#walk)',
        '<a href="../s1_start/first.md?a=1&amp;b=2#walk">as HTML</a>. Far',
        'is [größe](gr%C3%B6%C3%9Fe.md "Größe"),',
        "[the questions](../docs/deep/faq.md#second),\n[home](../README.md), [itself](zwei.md#second), ",
        "[this place](#second), [nothing](../s1_start/nowhere.md) and [a",
        "[no copy](../s1_start/exercises/second_copy), [no root](/first.md)",
        '<a href="../README.md?a=1&#38;b=2">',
        "(figures/own.svg)\n",
        "(../s1_start/figures/missing.svg)\n",
        "(../s1_start/figures/source.svg)\n",
        "(figures/own%20two.svg)\n",
        "(<figures/own two.svg>)\n",
        '(../s1_start/figures/shared.svg) <img src="../s1_start/figures/shared.svg" alt',
        '\n[far]: <größe.md#deep> "A title"\n',
        "[the starter](exercises/zwei/starter/a.py) and [the folder](exercises/zwei/).\n",
        "<!-- run: file=s2_away/exercises/zwei/starter/a.py -->\n",
        '```python title="s2_away/exercises/zwei/starter/a.py"\n',
        '--8<-- "s2_away/exercises/zwei/starter/a.py:1:2"\n',
        '--8<-- "s2_away/exercises/zwei/solution/a.py"\n',
        "cp -R s2_away/exercises/zwei/starter ./s1_start/exercises/second_copy\n",
        "cat news1_start/second.md s1_start/second.md.orig\n",
        "cp ./s2_away/exercises/zwei/starter/a.py ../s1_start/exercises/second/starter",
        "Copy-Item s2_away\\exercises\\zwei\\starter mailroom\n",
        "  - Do it\naliases:\n  - s1_start/second\n---\n",
    ):
        assert line in lines


def test_links_to_the_moved_page(example: Course) -> None:
    moved = after(example, move(example, "second", "s3", name="zwei"))
    assert "[Second](s3_end/zwei.md#do-it), [last](s3_end/last.md), [its files](s3_end/exercises/zwei)." in text(
        moved, "README.md"
    )
    home = text(moved, "docs/index.md")
    assert "[Second](../s3_end/zwei.md), [größe](../s2_away/gr%C3%B6%C3%9Fe.md)" in home
    assert "(https://github.com/example/course/blob/main/s3_end/zwei.md#second)" in home
    assert "[s]: ../../s3_end/zwei.md#do-it 'A title'\n" in text(moved, "docs/deep/faq.md")
    assert "[On](../s3_end/zwei.md#second)" in text(moved, "s1_start/first.md")
    assert "requires: [first, zwei]\n" in text(moved, "s1_start/third.md")
    assert "requires: \n  - 'zwei'  # files\n  - größe\n" in text(moved, "s2_away/beta.md")
    assert "[Second](zwei.md 'T'), [beta](../s2_away/beta.md).\r\n" in text(moved, "s3_end/last.md")
    end = "---\r\nmodules:\r\n  - last\r\n\r\n  # then this one\r\n  - 'zwei'   # with files\r\n---\r\n"
    assert text(moved, "s3_end/README.md").startswith(end)
    start = "modules:  # in this order\n  # the very first\n  - first\n  - third\n  # the end\n---\n"
    assert start in text(moved, "s1_start/README.md")


def test_renames(example: Course) -> None:
    plan = move(example, "second", "s3_end")
    assert plan.renames == {
        "s1_start/second.md": "s3_end/second.md",
        "s1_start/exercises/second": "s3_end/exercises/second",
        "s1_start/figures/own two.svg": "s3_end/figures/own two.svg",
        "s1_start/figures/own.svg": "s3_end/figures/own.svg",
    }
    plan.write(example.root)
    assert not (example.root / "s1_start/exercises").exists(), "an empty folder stays behind"
    assert (example.root / "s1_start/figures/shared.svg").exists()


def test_name_alone_keeps_place_and_figures(example: Course) -> None:
    plan = move(example, "second", name="zwei")
    assert list(plan.renames) == ["s1_start/second.md", "s1_start/exercises/second"]
    assert listed(after(example, plan))["s1_start"] == ["first", "zwei", "third"]


PLACES = [
    ("second", "s2_away", None),
    ("second", "s3_end", None),
    ("second", "s3_end", "zwei"),
    ("second", "s1_start", "zwei"),
    ("first", "s3_end", "eins"),
    ("third", "s2_away", None),
    ("größe", "s1_start", None),
    ("beta", "s3_end", None),
    ("last", "s2_away", "letztes"),
    ("last", "s1_start", None),
]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("name", "target", "new"), PLACES)
def test_nothing_new_to_complain_about(example: Course, name: str, target: str, new: str | None, first: bool) -> None:
    before = diagnostics(example)
    assert before["C401", "s1_start/second.md"] > 1, "the example shows what is kept"
    plan = move(example, name, target, name=new, first=first)
    assert diagnostics(after(example, plan), plan.renames) == before


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("name", "target", "new"), PLACES)
def test_there_and_back(example: Course, name: str, target: str, new: str | None, first: bool) -> None:
    before = tree(example.root)
    home = next(s for s in example.sessions if name in [m.name for m in s.modules])
    names = [m.name for m in home.modules]
    place = names.index(name)
    plan = move(example, name, target, name=new, first=first)
    there = after(example, plan)
    back = after(there, move(there, new or name, home.slug, names[place - 1], name, place == 0))
    lost = [w for w in plan.warnings if "comment" in w]
    now = without_aliases(tree(back.root))
    assert now.keys() == before.keys()
    changed = {path for path, content in now.items() if before[path] != content}
    assert changed == ({f"{home.slug}/README.md"} if lost else set())
    assert back.module_by_name[name].page.aliases == (f"{target}/{new or name}",)


def test_comments_that_find_no_place_are_announced(example: Course) -> None:
    plan = move(example, "second", "s2_away")
    lost = "the comment at `second` in s1_start/README.md has no place in s2_away/README.md and goes"
    assert lost in plan.warnings


def test_places_to_look_at_by_hand(example: Course) -> None:
    line = SECOND[: SECOND.index("../s1_start/exercises")].count("\n") + 1
    warnings = move(example, "second", "s3_end").warnings
    assert f"look at s1_start/second.md:{line} by hand" in warnings
    assert "look at s1_start/exercises/second/test_a.py:2 by hand" in warnings
    assert len([w for w in warnings if w.startswith("look")]) == 2
    assert move(example, "second", first=True).warnings == (
        "`second` requires `first`, which would be taught after it",
    )


def test_an_order_that_was_wrong_before_is_no_news(tmp_path: Path) -> None:
    there = course(tmp_path, FILES | {"s1_start/first.md": module("First", "Text.", "[last]")})
    assert move(there, "first", "s2_away").warnings[1:] == (
        "`second` requires `first`, which would be taught after it",
        "`third` requires `first`, which would be taught after it",
    )


def test_capitals_are_renamed_away(tmp_path: Path) -> None:
    readme = FILES["s3_end/README.md"].replace("last", "Big")
    there = course(tmp_path, FILES | {"s3_end/README.md": readme, "s3_end/Big.md": module("Big", "Text.")})
    assert listed(after(there, move(there, "Big", name="big")))["s3_end"] == ["big"]


def test_folder_with_a_space(tmp_path: Path) -> None:
    there = course(tmp_path, FILES | {"s4 far away/README.md": "---\nmodules: []\n---\n# Far\n"})
    moved = after(there, move(there, "second", "s4"))
    assert "(s4%20far%20away/second.md#do-it)" in text(moved, "README.md")


def test_large_files_are_not_searched(tmp_path: Path) -> None:
    there = course(tmp_path, FILES | {"s1_start/data.csv": "s1_start/second.md\n" * 100_000})
    assert not [warning for warning in move(there, "second", "s3_end").warnings if "data.csv" in warning]


def test_front_matter_that_names_the_path_is_left_to_its_lists(tmp_path: Path) -> None:
    page = SECOND.replace("tools: []", "tools: []\naliases: [s1_start/second.md]")
    there = course(tmp_path, FILES | {"s1_start/second.md": page})
    moved = after(there, move(there, "second", "s3_end"))
    assert moved.module_by_name["second"].page.aliases == ("s1_start/second.md", "s1_start/second")


def test_order_alone_edits_one_list(example: Course) -> None:
    plan = move(example, "second", after="third")
    assert not plan.renames
    assert (
        plan.describe()
        == """\
edit s1_start/README.md:5
  +   - third
edit s1_start/README.md:8
  -   - third
warning: `third` requires `second`, which would be taught after it
"""
    )
    there = after(example, plan)
    assert listed(there)["s1_start"] == ["first", "third", "second"]
    assert there.module_by_name["second"].page.aliases == ()
    after(there, move(there, "second", after="first"))
    assert tree(example.root).items() >= {path: text.encode() for path, text in FILES.items()}.items()


@pytest.mark.parametrize("place", [{"after": "first"}, {}, {"name": "second"}, {"session": "S1"}])
def test_nothing_to_do(example: Course, place: dict[str, Any]) -> None:
    before = tree(example.root)
    plan = move(example, "second", **place)
    assert plan.describe() == "Nothing to do: s1_start/second.md is there already.\n"
    plan.write(example.root)
    assert tree(example.root) == before


def test_last_place(example: Course) -> None:
    assert listed(after(example, move(example, "first", after="")))["s1_start"] == [
        "second",
        "third",
        "first",
    ]


def test_description_of_a_move(example: Course) -> None:
    shown = move(example, "third", "s3_end").describe().splitlines()
    assert shown[0] == "rename s1_start/third.md -> s3_end/third.md"
    at = shown.index("edit s1_start/third.md:11")
    assert shown[at + 1 : at + 3] == [
        "  - [Back](second.md), [last](../s3_end/last.md).",
        "  + [Back](../s1_start/second.md), [last](last.md).",
    ]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("secnd",), "There is no module `secnd`. Did you mean `second`?"),
        (("second", "s2_awya"), "There is no session `s2_awya`. Did you mean `s2_away`?"),
        (("second", "s2", "last"), "`last` is not another module of s2_away."),
        (("second", None, "second"), "`second` is not another module of s1_start."),
        (("second", None, None, "third"), "s1_start/third.md exists already."),
        (("second", None, None, "Zwei"), "`Zwei` cannot be a name."),
        (("second", None, None, "2nd"), "`2nd` cannot be a name."),
        (("second", None, None, "a__b"), "`a__b` cannot be a name."),
        (("second", None, None, "../x"), "`../x` cannot be a name."),
        (("second", None, None, "lambda"), "`lambda` cannot be a name."),
        (("second", None, None, ""), "`` cannot be a name."),
    ],
)
def test_misuse_of_move(example: Course, wanted: tuple[str | None, ...], message: str) -> None:
    with pytest.raises(ScaffoldError, match=re.escape(message)):
        move(example, *wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["s3_end/second.md", "s3_end/exercises/second/a.txt", "s3_end/figures/own.svg"])
def test_target_that_exists(tmp_path: Path, target: str) -> None:
    there = course(tmp_path, FILES | {target: "Mine.\n"})
    with pytest.raises(ScaffoldError, match=r"^s3_end/\S+ exists already\. Choose another name"):
        move(there, "second", "s3_end")


def test_session_without_page(tmp_path: Path) -> None:
    there = course(tmp_path, FILES | {"s4_bare/notes.md": "# Notes\n"})
    with pytest.raises(ScaffoldError, match=r"s4_bare/README\.md does not exist\. Write the page"):
        move(there, "second", "s4")


def test_two_modules_of_one_name(tmp_path: Path) -> None:
    both = FILES | {"s3_end/second.md": module("Other", "Text.")}
    both["s3_end/README.md"] = both["s3_end/README.md"].replace("last", "second")
    there = course(tmp_path, both)
    with pytest.raises(ScaffoldError, match="Say `s1_start/second` or `s3_end/second`"):
        move(there, "second", name="zwei")
    plan = move(there, "s3_end/second", name="zwei")
    assert plan.renames == {"s3_end/second.md": "s3_end/zwei.md"}
    assert not [edit for edit in plan.edits if edit.path == "s1_start/third.md"], "it requires the other one"


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("docs/bad.md", b"\xff", "docs/bad.md:1:1: This file cannot be read: byte 0xff is not UTF-8"),
        ("s3_end/README.md", b"---\nmodules: [\n---\n", r"s3_end/README.md:3:1: This is not valid YAML"),
        (
            "s3_end/README.md",
            b"---\nmodules: [last]\n",
            "s3_end/README.md:1: The front matter is never closed",
        ),
        (
            "s3_end/README.md",
            b"---\nmodules: last\n---\n",
            "s3_end/README.md:1:1: `modules` should be a list of texts",
        ),
        (
            "s3_end/README.md",
            b"---\nmodules: [[a]]\n---\n",
            "s3_end/README.md:1:1: `modules` should be a list of texts",
        ),
        ("s3_end/README.md", b"---\nmodules: [a,]\n---\n", None),
        ("s3_end/README.md", b"---\n{core: true}\n---\n", "cannot be changed safely"),
    ],
)
def test_pages_that_cannot_be_edited(tmp_path: Path, path: str, content: bytes, message: str | None) -> None:
    there = course(tmp_path, FILES | {path: content})
    if message is None:
        assert move(there, "second", "s3_end").edits
    else:
        with pytest.raises(ScaffoldError, match=message):
            move(there, "second", "s3_end")


def test_a_file_that_changed_stops_everything(example: Course) -> None:
    plan = move(example, "second", "s3_end")
    (example.root / "README.md").write_bytes(b"# Other\n")
    before = tree(example.root)
    with pytest.raises(ScaffoldError, match=r"README.md has changed since it was read\. Run the command again\."):
        plan.write(example.root)
    assert tree(example.root) == before


def test_a_file_that_is_gone_stops_everything(example: Course) -> None:
    plan = move(example, "second", "s3_end")
    (example.root / "s1_start/figures/own.svg").unlink()
    before = tree(example.root)
    with pytest.raises(ScaffoldError, match=r"s1_start/figures/own\.svg is gone"):
        plan.write(example.root)
    assert tree(example.root) == before


def test_a_read_only_file_stops_everything(example: Course) -> None:
    (example.root / "README.md").chmod(0o444)
    before = tree(example.root)
    with pytest.raises(ScaffoldError, match=r"README\.md is write-protected"):
        move(example, "second", "s3_end")
    assert tree(example.root) == before


def test_a_failing_step_undoes_the_others(example: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = move(example, "second", "s3_end")
    before = tree(example.root)
    folders = {folder for folder, _, _ in os.walk(example.root)}
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target.name == "own.svg" and target.parent.parent.name == "s3_end":
            raise OSError(5, "Input/output error", str(self), None, str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ScaffoldError, match=r"s3_end.figures.own\.svg could not be written: .*Nothing was changed\."):
        plan.write(example.root)
    assert tree(example.root) == before
    assert {folder for folder, _, _ in os.walk(example.root)} == folders


def test_what_cannot_be_undone_is_named(example: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = move(example, "second", "s3_end")
    rename = Path.rename

    def once(self: Path, target: Path) -> Path:
        if target.name != "second.md" or "s3_end" not in target.parts:
            raise OSError(5, "Input/output error", str(self), None, str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises(ScaffoldError, match=r"These could not be put back: s3_end/second\.md"):
        plan.write(example.root)


def test_interruption_is_undone(example: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = move(example, "second", "s3_end")
    before = tree(example.root)

    def interrupted(files: Mapping[Path, str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(plan_module, "write_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plan.write(example.root)
    assert tree(example.root) == before


def test_new_session(example: Course) -> None:
    plan = new_session(example, "privacy", "Privacy {and} law")
    assert plan.describe() == "create s4_privacy/README.md\n"
    made = after(example, plan)
    assert made.sessions[-1].title == "Privacy {and} law"
    rules = {d.code for d in check(made) if d.location.path.startswith("s4_privacy")}
    assert rules <= {"C108", "C109"}, "it has no modules yet, and nothing else is wrong"


def test_number_in_front_of_a_new_session(example: Course) -> None:
    assert new_session(example, "s4_privacy", "Privacy") == new_session(example, "privacy", "Privacy")


def test_first_session(tmp_path: Path) -> None:
    empty = course(tmp_path, {"s1_start/README.md": None, "s1_start/first.md": None})
    assert list(new_session(empty, "start", "Start").creations) == ["s1_start/README.md"]


@pytest.mark.parametrize(
    ("name", "title", "message"),
    [
        ("s7_privacy", "Privacy", None),
        ("Privacy", "Privacy", "`Privacy` cannot be a name"),
        ("privacy", " ", "The title should be one line of text"),
        ("privacy", "One\nTwo", "The title should be one line of text"),
        ("privacy", "\udcff", "The title should be one line of text"),
    ],
)
def test_misuse_of_new_session(example: Course, name: str, title: str, message: str | None) -> None:
    if message is None:
        assert list(new_session(example, name, title).creations) == ["s4_s7_privacy/README.md"]
    else:
        with pytest.raises(ScaffoldError, match=message):
            new_session(example, name, title)


def test_new_session_where_a_folder_is_in_the_way(tmp_path: Path) -> None:
    there = course(tmp_path, {"s2_privacy/notes.txt": "Mine.\n"})
    with pytest.raises(ScaffoldError, match="s2_privacy exists already"):
        new_session(there, "privacy", "Privacy")


def test_new_module(example: Course) -> None:
    made = after(example, new_module(example, "s1", "lock_files", "Lock files", core=False, after="first"))
    assert listed(made)["s1_start"] == ["first", "lock_files", "second", "third"]
    lock = made.module_by_name["lock_files"]
    assert (lock.title, lock.core, lock.draft, lock.minutes) == ("Lock files", False, True, 60)
    assert diagnostics(made) == diagnostics(example)


def test_new_module_keeps_line_endings(example: Course) -> None:
    made = after(example, new_module(example, "s3_end", "lock_files", "Lock files"))
    assert "modules:\r\n  - last\r\n  - lock_files\r\n---\r\n" in text(made, "s3_end/README.md")


def test_new_module_of_new_session(example: Course) -> None:
    made = after(example, new_session(example, "privacy", "Privacy"))
    made = after(made, new_module(made, "s4_privacy", "personal_data", "Personal data"))
    assert "\nmodules:\n  - personal_data\n---\n" in text(made, "s4_privacy/README.md")
    assert listed(made)["s4_privacy"] == ["personal_data"]


def test_misuse_of_new_module(example: Course) -> None:
    before = tree(example.root)
    for arguments, message in (
        (("s9", "lock_files"), "There is no session `s9`"),
        (("s1", "last"), "s3_end/last.md exists already"),
        (("s1", "lock-files"), "`lock-files` cannot be a name"),
    ):
        with pytest.raises(ScaffoldError, match=message):
            new_module(example, *arguments, "Lock files")
    with pytest.raises(ScaffoldError, match=r"`thrid` is not another module of s1_start\. Did you mean `third`\?"):
        new_module(example, "s1", "lock_files", "Lock files", after="thrid")
    assert tree(example.root) == before


LISTS = {
    "block": ("k:\n  - a\n  - b\n", "k:\n  - b\n  - new\n", "k: []\n"),
    "no indentation": ("k:\n- a\n- b\n", "k:\n- b\n- new\n", "k: []\n"),
    "carriage returns": ("k:\r\n  - a\r\n  - b\r\n", "k:\r\n  - b\r\n  - new\r\n", "k: []\r\n"),
    "comments": ("k: # k\n # a\n - a # a\n - b\n # c\n", "k: # k\n - b\n - new\n # c\n", "k: [] # k\n # c\n"),
    "key behind it": ("k:\n  - a\n  - b\nl: 1\n", "k:\n  - b\n  - new\nl: 1\n", "k: []\nl: 1\n"),
    "flow": ("k: [a, b]\n", "k: [b, new]\n", "k: []\n"),
    "flow of one": ("k: ['a']  # k\n", "k: [new]  # k\n", "k: []  # k\n"),
    "flow, quoted": ("k: [ 'a',\"b\" ]\n", "k: [ \"b\",new ]\n", "k: [  ]\n"),
    "flow over lines": ("k: [\n  a,\n  b\n]\n", "k: [\n  b,\n  new\n]\n", "k: [\n  \n]\n"),
    "empty": ("k: []  # k\n", "k:  # k\n  - new\n", "k: []  # k\n"),
    "nothing": ("k:  # k\nl: 1\n", "k:  # k\n  - new\nl: 1\n", "k:  # k\nl: 1\n"),
    "null": ("k: null\n", "k:\n  - new\n", "k: null\n"),
    "absent": ("l: 1\n", "l: 1\nk:\n  - new\n", "l: 1\n"),
    "empty front matter": ("", "k:\n  - new\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", LISTS)
def test_styles_of_lists(case: str) -> None:
    front, replaced, emptied = LISTS[case]
    newline = "\r\n" if "\r" in front else "\n"
    head, tail = f"---{newline}", f"---{newline}# Page\n"
    page = Page(Source("p.md", head + front + tail), {}, len(head + front) + 3 + len(newline))
    found = front_list(page, "k")
    kept = [entry for entry in found.entries if entry.value != "a"]
    assert _changed(page, found.changed([*kept, new_entry("new")])) == head + replaced + tail
    assert _changed(page, found.changed([])) == head + emptied + tail
    assert found.changed(found.entries) == ()


def test_comment_in_a_flow_list_stays_the_only_one() -> None:
    written = "---\nk: [a,  # a\n  b]\n---\n"
    page = Page(Source("p.md", written), {}, len(written))
    found = front_list(page, "k")
    edits = found.changed([*found.entries, new_entry("new")])
    assert _changed(page, edits) == written.replace("]", ", new]")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_list_on_a_page_without_front_matter(mark: str) -> None:
    page = Page(Source("p.md", f"{mark}# Page\n"))
    edits = front_list(page, "k").changed([new_entry("new")])
    assert _changed(page, edits) == f"{mark}---\nk:\n  - new\n---\n# Page\n"


@pytest.mark.parametrize("front", ["k: [&x a, *x]\n", "? k\n: - a\n  - b\n", "k: [a,]\n"])
def test_lists_that_cannot_be_changed_safely(front: str) -> None:
    page = Page(Source("p.md", f"---\n{front}---\n"), {}, len(front) + 8)
    with pytest.raises(ScaffoldError, match="`k` is written in a way that cannot be changed safely"):
        front_list(page, "k").changed([])


def _changed(page: Page, edits: tuple[Edit, ...]) -> str:
    return edited(page.source.text, edits)
