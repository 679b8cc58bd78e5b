"""The command line: exit codes, formats, and messages a person can act on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coursekit.__main__ import main, parsers
from courses import MINIMAL, tree, write

BROKEN = {"s1_start/first.md": "---\ndescription: x\ncolour: red\n---\n\n# One\n"}


def test_clean_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(MINIMAL)]) == 0
    assert capsys.readouterr().out == "Found no problems.\n"


def test_found_is_one_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write(tmp_path, BROKEN))]) == 1
    out = capsys.readouterr().out
    assert "s1_start/first.md:3:1: C005 `colour` is not a key" in out
    assert "    hint: " in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "{tmp}/nowhere"], "does not exist"),
        (["check", "{tmp}"], "holds no course"),
        (["check", "{course}/s1_start"], "Did you mean {course}?"),
        (["check", "{course}", "--select", "C999"], "No rule is called `C999`"),
        (["check", "{course}", "--ignore", "exercise-without-idea"], "Did you mean `exercise-without-id`?"),
        (["rules", "one-h2"], "Did you mean `one-h1`?"),
        (["new", "module", "s1_strat", "more", "--title", "More", "--root", "{course}"], "s1_start"),
        (["move", "frist", "--root", "{course}"], "first"),
    ],
)
def test_misuse_is_two_and_says_what_to_do(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"course": str(write(tmp_path / "course", {})), "tmp": str(tmp_path)}
    assert main([argument.format(**names) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert said.format(**names) in captured.err
    assert captured.out == ""


def test_unknown_option_is_two() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--selct", "C1"])
    assert stopped.value.code == 2


def test_select_and_ignore_by_code_family_and_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = str(write(tmp_path, BROKEN))
    for selection in ("C005", "c00", "unknown-key"):
        assert main(["check", course, "--select", selection]) == 1
        assert "C005" in capsys.readouterr().out
    assert main(["check", course, "--select", "C005", "--ignore", "unknown-key"]) == 0


def test_json_and_github(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = str(write(tmp_path, BROKEN))
    main(["check", course, "--select", "C005", "--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["code"], found["path"], found["line"]) == ("C005", "s1_start/first.md", 3)
    main(["check", course, "--select", "C005", "--format", "github"])
    assert capsys.readouterr().out.startswith("::error file=s1_start/first.md,line=3,col=1,title=C005 unknown-key::")


def test_the_summary_counts_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = "---\nmodules: [first]\n---\n# One\n\n[Written next week](no.md) <!-- check: ignore=C401 later -->\n"
    assert main(["check", str(write(tmp_path, {"s1_start/README.md": page}))]) == 0
    assert capsys.readouterr().out == "Found no problems. 1 left out, as comments and settings say.\n"


def test_fix_mends_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (MINIMAL / "s1_start/first.md").read_text(encoding="utf-8")
    course = write(tmp_path, {"s1_start/first.md": page.replace("<!-- id: take-a-step -->\n\n", "")})
    assert main(["check", str(course)]) == 1
    assert main(["check", str(course), "--fix"]) == 0
    assert "Mended 1" in capsys.readouterr().err
    assert tree(course) == tree(MINIMAL)


def test_a_file_that_cannot_be_mended_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (MINIMAL / "s1_start/first.md").read_text(encoding="utf-8")
    course = write(tmp_path, {"s1_start/first.md": page.replace("<!-- id: take-a-step -->\n\n", "")})
    before = tree(course)
    (course / "s1_start/first.md").chmod(0o444)
    assert main(["check", str(course), "--fix"]) == 1
    assert "s1_start/first.md" in capsys.readouterr().err
    assert tree(course) == before


def test_rules_lists_all_and_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    listed = capsys.readouterr().out
    assert "C301  [*] exercise-without-id" in listed
    assert main(["rules", "C301"]) == 0
    explained = capsys.readouterr().out
    assert "Bad:" in explained
    assert "Good:" in explained


def test_new_and_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = write(tmp_path, {})
    root = ["--root", str(course)]
    assert main(["new", "session", "next_day", "--title", "The next day", *root]) == 0
    assert main(["new", "module", "s2_next_day", "second", "--title", "Second", *root]) == 0
    assert main(["check", str(course)]) == 0
    before = tree(course)
    assert main(["move", "second", "s1_start", "--first", *root]) == 0
    assert "--write" in capsys.readouterr().out
    assert tree(course) == before
    assert main(["move", "second", "s1_start", "--first", "--write", *root]) == 0
    assert (course / "s1_start/second.md").exists()


def test_every_command_has_an_example_in_its_help() -> None:
    commands = list(parsers())
    assert [parser.prog for parser in commands] == [
        "course check",
        "course rules",
        "course new session",
        "course new module",
        "course move",
        "course start",
        "course try",
        "course project",
        "course offline",
        "course verify",
    ]
    for parser in commands:
        assert f"  {parser.prog}" in parser.format_help().partition("examples:")[2]


def test_contributing_names_the_rules_that_skip_drafts() -> None:
    from coursekit.rule import rules

    text = (Path(__file__).resolve().parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## Rules that skip drafts")[2].partition("\n## ")[0]
    assert section.partition("alone:\n")[2].partition(".")[0].split(", ") == [
        rule.code for rule in rules() if rule.skips_drafts
    ]
