"""Every rule against its own documentation: Bad fires it alone, Good is clean, fixing Bad gives Good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coursekit.fix import apply
from coursekit.load import load
from coursekit.rule import FAMILIES, Rule, UnknownRuleError, check, example, rules, selected
from courses import MINIMAL, from_example, tree, write

every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.code}-{rule.name}")
fixable_rule = pytest.mark.parametrize(
    "rule", [rule for rule in rules() if rule.fixable], ids=lambda rule: f"{rule.code}-{rule.name}"
)


def written(rule: Rule, which: str, root: Path) -> Path:
    return write(root, from_example(example(rule, which)))


def mend(root: Path) -> None:
    course = load(root)
    assert not apply(course, check(course)).failures


def test_there_are_rules_of_every_family() -> None:
    assert {rule.code[:2] for rule in rules()} == set(FAMILIES)


@every_rule
def test_documented(rule: Rule) -> None:
    summary, blank, *rest = rule.doc.splitlines()
    assert re.fullmatch(r"[A-Z`].*\.", summary)
    assert blank == ""
    reason, bad, after = "\n".join(rest).partition("\nBad:\n")
    assert bad, "a rule shows what it dislikes"
    assert reason.strip(), "a rule says why"
    assert "\nGood:\n" in after
    assert example(rule, "Bad")
    assert example(rule, "Good")
    assert example(rule, "Bad") != example(rule, "Good")


@every_rule
def test_bad_fires_this_rule_only(rule: Rule, tmp_path: Path) -> None:
    diagnostics = check(load(written(rule, "Bad", tmp_path)))
    assert {d.code for d in diagnostics} == {rule.code}, diagnostics
    assert any(d.fix for d in diagnostics) == rule.fixable
    assert not [d for d in diagnostics if d.message.endswith(" .") or not d.message.endswith(".")]


@every_rule
def test_good_is_clean(rule: Rule, tmp_path: Path) -> None:
    assert check(load(written(rule, "Good", tmp_path))) == []


@fixable_rule
def test_fixing_bad_gives_good(rule: Rule, tmp_path: Path) -> None:
    bad = written(rule, "Bad", tmp_path / "bad")
    mend(bad)
    assert tree(bad) == tree(written(rule, "Good", tmp_path / "good"))


@fixable_rule
def test_a_second_fix_changes_nothing(rule: Rule, tmp_path: Path) -> None:
    bad = written(rule, "Bad", tmp_path)
    mend(bad)
    once = tree(bad)
    mend(bad)
    assert tree(bad) == once


def test_the_smallest_course_is_clean() -> None:
    assert check(load(MINIMAL)) == []


def test_a_plain_mkdocs_repository_is_not_taken_for_a_course(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "s3_cache").mkdir()
    (tmp_path / "s3_cache" / "notes.md").write_text("no page of the site")
    (tmp_path / "mkdocs.yaml").write_text("site_name: Any\nplugins: [search]\n")
    (tmp_path / "docs" / "index.md").write_text("---\ntitle: Home\npages: [x]\n---\nWelcome.\n")
    (tmp_path / "docs" / "history.md").write_text('--8<-- "CHANGELOG.md"\n')
    (tmp_path / "docs" / "named_in_the_menu.md").write_text("Words.\n")
    (tmp_path / "docs" / "logo.md").write_text("<h1 align=center>Logo</h1>\n")
    (tmp_path / "CHANGELOG.md").write_text("# History\n")
    (tmp_path / "docs" / "news.md").write_text("# News\n\n### Today\n\n# More\n")
    assert [(d.location.path, d.location.line, d.code) for d in check(load(tmp_path))] == [
        ("docs/news.md", 3, "C202"),
        ("docs/news.md", 5, "C201"),
    ]


def test_selection_by_code_family_and_name() -> None:
    assert [rule.code for rule in selected(["C101"])] == ["C101"]
    assert {rule.code[:2] for rule in selected(["c1", "C6"])} == {"C1", "C6"}
    assert [rule.name for rule in selected(["one-h1"])] == ["one-h1"]
    assert "C101" not in {rule.code for rule in selected(["C1"], ["session-folder-name"])}
    assert len(selected()) == len(rules())


@pytest.mark.parametrize(("word", "hint"), [("C9", "course rules"), ("one-h2", "Did you mean `one-h1`?")])
def test_an_unknown_selection_names_the_nearest(word: str, hint: str) -> None:
    with pytest.raises(UnknownRuleError, match=re.escape(hint)):
        selected([word])


def test_nothing_selected_finds_nothing_of_others() -> None:
    assert check(load(MINIMAL), ["C2"], ["C2"]) == []
