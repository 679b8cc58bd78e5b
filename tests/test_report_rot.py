"""The weekly report: what its issue says, and that there is never more than one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import report_rot as rot

PAGE = "s1_start/first.md"
RUN = "https://code.example/runs/7"


def _entry(state: str, line: int = 3, **more: str) -> dict[str, object]:
    return {"path": PAGE, "line": line, "what": "bash", "state": state, "message": "", "output": ""} | more


class FakeGh:
    """Knows some open issues, and remembers what it was asked to do."""

    def __init__(self, *titles: str) -> None:
        self.issues = [{"number": number, "title": title} for number, title in enumerate(titles, 11)]
        self.calls: list[tuple[str, ...]] = []
        self.text = ""

    def __call__(self, *words: str, text: str = "") -> str:
        self.calls.append(words)
        self.text = text
        return json.dumps(self.issues) if words[:2] == ("issue", "list") else ""

    @property
    def done(self) -> list[tuple[str, ...]]:
        return [words[:3] for words in self.calls if words[1] != "list"]


def test_the_text_names_page_line_and_output() -> None:
    found = rot.failures([_entry("passed"), _entry("failed", 9, message="Exit code 1.", output="boom\n```\n")])
    text = rot.body(found, RUN)
    assert "**1 failure in 1 file**" in text
    assert f"### {PAGE}\n\n- line 9, bash: Exit code 1.\n\n      boom\n      ```" in text
    assert RUN in text


def test_pages_are_grouped_and_long_output_is_cut() -> None:
    entries = [_entry("failed"), {**_entry("failed"), "path": "b.md"}, _entry("failed", 8, output="x" * 5000)]
    text = rot.body(rot.failures(entries), RUN)
    assert "**3 failures in 2 files**" in text
    assert text.count(f"### {PAGE}") == 1
    assert text.index("line 8") < text.index("### b.md")
    assert len(text) < 3000
    assert "[…]" in text


def test_the_text_is_never_longer_than_an_issue_may_be() -> None:
    entries = [_entry("failed", line, output="x" * 1400) for line in range(200)]
    text = rot.body(rot.failures(entries), RUN)
    assert len(text) <= 65_536
    assert text.endswith("the run's log has all of it]\n")


def test_an_issue_is_opened() -> None:
    gh = FakeGh("Something else", rot.TITLE + " again")
    rot.report(rot.failures([_entry("failed")]), RUN, gh)
    assert gh.done == [("issue", "create", "--title")]
    assert rot.TITLE in gh.calls[-1]
    assert "line 3" in gh.text


def test_an_open_issue_is_renewed() -> None:
    gh = FakeGh("Something else", rot.TITLE)
    rot.report(rot.failures([_entry("failed")]), RUN, gh)
    assert gh.done == [("issue", "edit", "12")]
    assert "line 3" in gh.text


def test_it_is_closed_when_nothing_fails() -> None:
    gh = FakeGh(rot.TITLE)
    rot.report([], RUN, gh)
    assert gh.done == [("issue", "close", "11")]
    assert any(RUN in word for word in gh.calls[-1])


def test_without_failures_and_without_an_issue_nothing_is_done() -> None:
    gh = FakeGh()
    assert rot.report([], RUN, gh) == "Nothing is broken."
    assert gh.done == []


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"outcomes": []}', '{"outcomes": 3}'])
def test_a_run_without_results_is_not_taken_for_a_good_one(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    assert rot.read(path) is None
    gh = FakeGh(rot.TITLE)
    rot.report(rot.read(path), RUN, gh)
    assert gh.done == [("issue", "edit", "11")]
    assert "The set-up failed" in gh.text


def test_results_are_read(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"outcomes": [_entry("passed"), _entry("failed")]}))
    assert len(rot.failures(rot.read(path))) == 1


def test_a_failing_gh_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rot.main([str(tmp_path / "none.json"), "--run", RUN]) == 1
    assert "could not be brought up to date" in capsys.readouterr().err
