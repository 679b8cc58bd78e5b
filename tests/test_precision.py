"""The list of verdicts: it is well formed, the instructors' pages show what it says, and no rule cries wolf."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.rule import rules
from precision import ENOUGH, UNSEEN, VERDICTS, Finding, Verdict, report, share, table, unseen_table, verdicts

ROOT = Path(__file__).resolve().parent.parent
HEAD = "corpus,file,rule,lines,verdict,why\n"
SEEN = verdicts(VERDICTS.read_text(encoding="utf-8"))


def test_the_instructors_pages_show_the_tables() -> None:
    page = (ROOT / "docs/instructors/checks.md").read_text(encoding="utf-8")
    for shown in (table(SEEN), unseen_table(UNSEEN.read_text(encoding="utf-8"))):
        assert shown in page, "run `python tests/precision.py --table` and put it into docs/instructors/checks.md"


def test_each_verdict_is_on_a_rule_that_exists() -> None:
    assert {finding.rule for finding in SEEN} <= {rule.code for rule in rules()}


@pytest.mark.parametrize("code", sorted({finding.rule for finding in SEEN}))
def test_nine_of_ten_findings_are_real(code: str) -> None:
    words = [verdict.word for finding, verdict in SEEN.items() if finding.rule == code and verdict.word != "void"]
    assert len(words) < ENOUGH or words.count("real") >= 0.9 * len(words)


def test_what_is_not_real_says_why() -> None:
    assert not [finding for finding, verdict in SEEN.items() if verdict.word != "real" and not verdict.why]


def test_a_row_holds_the_lines_of_a_page() -> None:
    seen = verdicts(HEAD + "any-1.0,docs/a.md,C401,3 8,real,\n")
    assert seen == {Finding("any-1.0", "docs/a.md", line, "C401"): Verdict("real", "") for line in (3, 8)}


@pytest.mark.parametrize("rows", ["any-1.0,a.md,C401,3,maybe,\n", "any-1.0,a.md,C401,3 3,real,\n"])
def test_a_wrong_row_is_named(rows: str) -> None:
    with pytest.raises(ValueError, match="row 2"):
        verdicts(HEAD + rows)


def test_few_findings_give_no_percentage() -> None:
    assert [share(9, 0), share(9, 1), share(10, 0)] == ["", "90 %", "100 %"]


def test_a_look_counts_by_itself() -> None:
    rows = "look,rule,findings,real\n1,C401,20,5\n2,C401,4,4\n2,C403,9,9\n"
    assert unseen_table(rows).split("\n")[2:] == [
        "| C401 missing-target | 20 | 5 | 25 % | 4 | 4 |  |",
        "| all rules | 20 | 5 | 25 % | 13 | 13 | 100 % |",
    ]


def test_what_is_void_counts_for_nothing() -> None:
    seen = verdicts(HEAD + "any-1.0,a.md,C401,1 2,real,\nany-1.0,a.md,C401,3,void,left out\n")
    assert "| C401 missing-target | 2 | 2 |  |" in table(seen)


def test_a_verdict_on_what_is_no_longer_found_is_named() -> None:
    seen = verdicts(HEAD + "any-1.0,a.md,C401,1,real,\n")
    other = Finding("any-1.0", "a.md", 2, "C401")
    assert [line for line in report([(other, None)], seen | {other: Verdict("real", "")}) if "no longer" in line]
