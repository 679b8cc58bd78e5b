"""Exercises beyond the examples of their rules: ids that are made, numbers that are typed, odd texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.diagnostic import Diagnostic, edited
from coursekit.model import Course
from coursekit.rule import check
from coursekit.rules.exercises import new_id
from courses import DRAFT, course

FRONT = """\
---
description: Take the first step.
core: true
requires: []
tools: []
objectives: [Take a first step]
---
# First steps

## Exercises

"""
FOLDS = """
<details markdown><summary>Hint</summary>

Left or right.

</details>
<details markdown><summary>Solution</summary>

Left.

</details>
"""


def exercise(heading: str, below: str = "", folds: str = FOLDS) -> str:
    return f"### {heading}\n{below}\nDo it.\n{folds}\n"


def with_exercises(root: Path, *exercises: str) -> Course:
    return course(root, {"s1_start/first.md": FRONT + "".join(exercises)})


def codes(course: Course) -> list[str]:
    return [diagnostic.code for diagnostic in check(course, ["C3"])]


def mended(course: Course) -> str:
    text = course.sessions[0].modules[0].page.source.text
    return edited(text, (edit for d in check(course, ["C3"]) if d.fix for edit in d.fix.edits))


def only(course: Course) -> Diagnostic:
    (diagnostic,) = check(course, ["C3"])
    return diagnostic


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Count the labels", "count-the-labels"),
        ("What does `a | b` do?", "what-does-a-b-do"),
        ("Größe_und Maß – heute", "größe-und-maß-heute"),
        ("数える", "数える"),
        ("???", "exercise"),
        ("", "exercise"),
    ],
)
def test_ids_are_words_joined_by_hyphens(title: str, expected: str) -> None:
    assert new_id(title, set()) == expected


def test_new_ids_are_unique_on_their_page(tmp_path: Path) -> None:
    repeated = exercise("Count (5 min)") + exercise("Count (10 min)") + exercise("Exercises (5 min)")
    text = mended(with_exercises(tmp_path, repeated))
    ids = [line for line in text.split("\n") if line.startswith("<!--")]
    assert ids == ["<!-- id: count -->", "<!-- id: count-2 -->", "<!-- id: exercises-2 -->"]
    assert codes(course(tmp_path, {"s1_start/first.md": text})) == []


def test_a_question_keeps_the_anchor_that_links_know(tmp_path: Path) -> None:
    made = course(
        tmp_path, {"s1_start/first.md": f"{FRONT}{exercise('Go (5 min)')}## Knowledge check\n\n### Go there?\n"}
    )
    found = check(made, ["C301"])
    assert [edit.text.strip() for d in found if d.fix for edit in d.fix.edits] == [
        "<!-- id: go -->",
        "<!-- id: go-there -->",
    ]
    assert "go-there" in made.modules[0].page.anchors


def test_an_id_gets_the_line_endings_of_its_file(tmp_path: Path) -> None:
    page = (FRONT + exercise("Count (5 min)")).replace("\n", "\r\n")
    text = mended(course(tmp_path, {"s1_start/first.md": page}))
    assert "### Count (5 min)\r\n\r\n<!-- id: count -->\r\n\r\nDo it." in text
    assert "\n" not in text.replace("\r\n", "")


def test_an_id_is_set_off_from_text_that_follows_at_once(tmp_path: Path) -> None:
    text = mended(with_exercises(tmp_path, "### Count (5 min)\nDo it.\n", FOLDS))
    assert "### Count (5 min)\n\n<!-- id: count -->\n\nDo it." in text


def test_an_id_at_the_very_end_of_a_file(tmp_path: Path) -> None:
    text = mended(with_exercises(tmp_path, "### Count (5 min)"))
    assert text.endswith("### Count (5 min)\n\n<!-- id: count -->")


def test_a_misplaced_id_is_not_inserted_again(tmp_path: Path) -> None:
    misplaced = exercise("Count (5 min)", "\nText.\n\n<!-- id: count-labels -->\n")
    found = only(with_exercises(tmp_path, misplaced))
    assert (found.code, found.fix, found.location.line) == ("C301", None, 16)
    assert "`count-labels` does not stand directly below" in found.message


def test_the_id_of_a_heading_inside_an_exercise_is_not_the_exercise_s(tmp_path: Path) -> None:
    inside = "\nText.\n\n#### In depth\n\n<!-- id: depth -->\n"
    found = only(with_exercises(tmp_path, exercise("Count (5 min)", inside)))
    assert found.fix
    assert "<!-- id: count -->" in found.hint


def test_the_second_exercise_of_an_id_is_reported(tmp_path: Path) -> None:
    same = "\n<!-- id: count -->\n"
    found = only(with_exercises(tmp_path, exercise("One (5 min)", same), exercise("Two (5 min)", same)))
    assert (found.code, found.location.line) == ("C302", 31)
    assert "“One (5 min)” in line 12" in found.message


@pytest.mark.parametrize(
    ("heading", "hint"),
    [
        ("Count (15min)", "`(15 min)`"),
        ("Count (20 minutes)", "`(20 min)`"),
        ("Count – 25 min", "`(25 min)`"),
        ("Count (5 min) carefully", "`(5 min)`"),
        ("Count (0 min)", "`(15 min)`"),
        ("Count", "with the time that somebody needed"),
    ],
)
def test_minutes_are_written_in_one_way(tmp_path: Path, heading: str, hint: str) -> None:
    found = only(with_exercises(tmp_path, exercise(heading, "\n<!-- id: count -->\n")))
    assert found.code == "C303"
    assert hint in found.hint


@pytest.mark.parametrize("value", ["Count", "count_labels", "count--labels", "-count", "count labels", ""])
def test_malformed_ids(tmp_path: Path, value: str) -> None:
    found = only(with_exercises(tmp_path, exercise("Count labels (5 min)", f"\n<!-- id: {value} -->\n")))
    assert (found.code, found.location.line) == ("C306", 14)


@pytest.mark.parametrize(
    ("heading", "rest"),
    [
        ("3. Count (5 min)", "Count (5 min)"),
        ("3) Count (5 min)", "Count (5 min)"),
        ("1.3. Count (5 min)", "Count (5 min)"),
        ("Exercise 3: Count (5 min)", "Count (5 min)"),
        ("Task 3 – Count (5 min)", "Count (5 min)"),
        ("M1.3 Count (5 min)", "Count (5 min)"),
        ("M1.3: Count (5 min)", "Count (5 min)"),
        ("3. Exercise 3: Count (5 min)", "Count (5 min)"),
        ("3. (Optional) count (5 min)", "(Optional) count (5 min)"),
    ],
)
def test_numbers_typed_by_hand_are_removed(tmp_path: Path, heading: str, rest: str) -> None:
    numbered = with_exercises(tmp_path, exercise(heading, "\n<!-- id: count -->\n"))
    assert only(numbered).code == "C307"
    assert f"### {rest}\n" in mended(numbered)


@pytest.mark.parametrize(
    "heading",
    [
        "3 ways to count (5 min)",
        "3.11 or 3.12? (5 min)",
        "404: find the page (5 min)",
        "M1 or M2: compare the chips (5 min)",
        "S3 from the command line (5 min)",
        "Exercise caution (5 min)",
        "Count 3. (5 min)",
    ],
)
def test_other_numbers_stay(tmp_path: Path, heading: str) -> None:
    assert codes(with_exercises(tmp_path, exercise(heading, "\n<!-- id: count -->\n"))) == []


def test_a_heading_that_is_only_a_number_has_to_be_written(tmp_path: Path) -> None:
    found = only(with_exercises(tmp_path, exercise("Exercise 3 (5 min)", "\n<!-- id: count -->\n")))
    assert (found.code, found.fix) == ("C307", None)


def test_number_and_id_are_mended_together(tmp_path: Path) -> None:
    text = mended(with_exercises(tmp_path, exercise("2. Count the labels (5 min)")))
    assert "### Count the labels (5 min)\n\n<!-- id: count-the-labels -->\n" in text


def test_further_hints_count_and_other_folds_do_not(tmp_path: Path) -> None:
    folds = FOLDS.replace("Hint", "Hint 1: where to look").replace("Solution", "Output")
    found = only(with_exercises(tmp_path, exercise("Count (5 min)", "\n<!-- id: count -->\n", folds)))
    assert found.code == "C305"


def test_a_fold_in_code_is_not_a_hint(tmp_path: Path) -> None:
    folds = f"\n```html\n{FOLDS}```\n"
    found = with_exercises(tmp_path, exercise("Count (5 min)", "\n<!-- id: count -->\n", folds))
    assert codes(found) == ["C304", "C305"]


def test_drafts_are_exempt(tmp_path: Path) -> None:
    files = {
        "s1_start/README.md": "---\nmodules: [first, second]\n---\n# The start\n",
        "s1_start/second.md": DRAFT + "\n## Exercises\n\n### 1. Count\n\nDo it.\n",
    }
    assert codes(course(tmp_path, files)) == []
