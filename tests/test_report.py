"""What is printed, to the letter."""

from __future__ import annotations

import json

from coursekit import report
from coursekit.diagnostic import Diagnostic, Edit, Fix
from coursekit.model import Location
from coursekit.rule import rules

FIX = Fix("mend it", (Edit("a.md", 0, 1, ""),))
ID = Diagnostic(Location("s1_a/b.md", 3, 5), "No id.", "Write one.", FIX, "C301")
HINT = Diagnostic(Location("s1_a/b.md", 9), "No hint.", code="C304")
LINK = Diagnostic(Location("docs/é, x:y.md"), "100 %, or\nless: `a`.", "Line\r\nline", code="C401")


def setup_module() -> None:
    rules()  # registers the names


def test_text() -> None:
    assert report.text([ID, HINT, LINK]) == (
        "s1_a/b.md:3:5: C301 [*] No id.\n"
        "    hint: Write one.\n"
        "s1_a/b.md:9:1: C304 No hint.\n"
        "docs/é, x:y.md:1:1: C401 100 %, or\\nless: `a`.\n"
        "    hint: Line\\r\\nline\n"
        "Found 3 problems in 2 files; 1 can be mended with --fix.\n"
    )


def test_text_of_one_and_of_none() -> None:
    assert report.text([HINT]).endswith("\nFound 1 problem in 1 file.\n")
    assert report.text([]) == "Found no problems.\n"


def test_text_without_a_code() -> None:
    failure = Diagnostic(Location("a.md"), "The file is left as it is.")
    assert report.text([failure]).startswith("a.md:1:1: The file is left as it is.\n")


def test_pages_do_not_steer_the_terminal() -> None:
    odd = Diagnostic(Location("a\udc80\n.md"), "\x1b[31mred\u202e \x00 ü", code="C401")
    assert report.text([odd]).split("\n")[0] == r"a\udc80\n.md:1:1: C401 \x1b[31mred\u202e \x00 ü"
    for written in (report.text([odd]), report.github([odd]), report.json([odd])):
        assert written.encode("utf-8")


def test_github() -> None:
    assert report.github([ID, LINK]) == (
        "::error file=s1_a/b.md,line=3,col=5,title=C301 exercise-without-id::No id.%0AWrite one.\n"
        "::error file=docs/é%2C x%3Ay.md,line=1,col=1,title=C401 missing-target"
        "::100 %25, or%0Aless: `a`.%0ALine%0D%0Aline\n"
    )
    assert report.github([]) == ""


def test_gcc() -> None:
    assert report.gcc([ID, HINT]) == (
        "s1_a/b.md:3:5: error: No id. Write one. [C301]\ns1_a/b.md:9:1: error: No hint. [C304]\n"
    )
    assert report.gcc([]) == ""


def test_json() -> None:
    assert json.loads(report.json([ID, LINK])) == [
        {
            "code": "C301",
            "rule": "exercise-without-id",
            "message": "No id.",
            "hint": "Write one.",
            "path": "s1_a/b.md",
            "line": 3,
            "column": 5,
            "fixable": True,
        },
        {
            "code": "C401",
            "rule": "missing-target",
            "message": "100 %, or\nless: `a`.",
            "hint": "Line\r\nline",
            "path": "docs/é, x:y.md",
            "line": 1,
            "column": 1,
            "fixable": False,
        },
    ]
    assert report.json([]) == "[]\n"
