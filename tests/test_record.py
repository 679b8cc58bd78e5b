"""The record of what was run: written only when earned, shown only while it holds."""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

import courses
from coursekit.load import load
from coursekit.render import Site
from coursekit.rule import check
from coursekit.run.engine import NOT_RUN
from coursekit.run.outcome import Outcome
from coursekit.run.record import Recorded, fingerprints, write_record, write_results
from coursekit.run.tools import tools_used
from coursekit.verified import RECORD, Entry, content_hash, read_record, utc_today, verified

SHELL = pytest.mark.skipif(os.name == "nt", reason="asks bash and git for their versions")
PAGE = "s1_start/first.md"
FOLDER = "s1_start/exercises/first"
HELLO = f"{FOLDER}/solution/hello.sh"
TODAY = date(2026, 11, 3)
BLOCK = "Walk.\n\n```bash\nbash hello.sh | git hash-object --stdin\n```\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The smallest course, whose page runs a block and has files for its exercise."""
    page = (courses.MINIMAL / PAGE).read_text(encoding="utf-8").replace("Walk.\n", BLOCK)
    files: dict[str, str | bytes | None] = {
        PAGE: page,
        HELLO: "echo hello\n",
        f"{FOLDER}/starter/hello.sh": "# TODO\n",
        f"{FOLDER}/starter/.dvc/config": "[core]\n",
        f"{FOLDER}/test_first.py": "def test_nothing():\n    import pytest\n",
    }
    return courses.write(tmp_path, files)


def _line(root: Path) -> int:
    return (root / PAGE).read_text(encoding="utf-8").splitlines().index("```bash") + 1


def _passed(root: Path) -> Outcome:
    return Outcome(PAGE, _line(root), "bash", "passed")


def _record(root: Path, *outcomes: Outcome, today: date = TODAY) -> Recorded:
    course = load(root)
    return write_record(course, fingerprints(course, course.written), outcomes or [_passed(root)], today)


def _shown(root: Path, today: date = TODAY) -> dict[str, Entry]:
    return verified(load(root), today)


def _header(root: Path) -> str:
    """What the site shows under the header of the page."""
    course = load(root)
    site = Site(course, lambda here, there: there, verified=verified(course, TODAY))
    return site.filled(course.page_by_path[PAGE], "<!-- course: header -->")


@SHELL
def test_a_run_is_recorded_and_shown(root: Path) -> None:
    exercise = Outcome(f"{FOLDER}/test_first.py", 1, "the solution passes", "passed")
    assert _record(root, _passed(root), exercise, Outcome(PAGE, 30, "text", "compared")).written == (PAGE,)
    entry = _shown(root)[PAGE]
    assert dict(entry.counts) == {"run": 2, "compared": 1, "parsed": 0, "skipped": 0}
    assert list(entry.tools)[:2] == ["Python", "bash"]
    assert f"last run on 3 November 2026 with Python {platform.python_version()}, bash " in _header(root)
    assert 'class="ck-verified"' in _header(root)


def test_nothing_is_shown_without_a_record(root: Path) -> None:
    assert _shown(root) == {}
    assert "ck-verified" not in _header(root)


@pytest.mark.parametrize(
    "path", [PAGE, HELLO, f"{FOLDER}/starter/.dvc/config", f"{FOLDER}/test_first.py", f"{FOLDER}/solution/new.sh"]
)
def test_any_change_makes_it_disappear(root: Path, path: str) -> None:
    _record(root)
    assert "ck-verified" in _header(root)
    with (root / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert _shown(root) == {}
    assert "ck-verified" not in _header(root)


def test_a_file_taken_away_or_renamed_makes_it_disappear(root: Path) -> None:
    _record(root)
    (root / HELLO).rename(root / HELLO.replace("hello", "hallo"))
    assert _shown(root) == {}


def test_a_file_that_the_page_shows_belongs_to_it_wherever_it_lies(root: Path) -> None:
    page = root / PAGE
    page.write_text(page.read_text().replace("bash hello.sh |", '--8<-- "tools/shown.sh"\nbash hello.sh |'))
    shown = root / "tools/shown.sh"
    shown.parent.mkdir()
    shown.write_text("ls\n")
    _record(root)
    assert PAGE in _shown(root)
    shown.write_text("ls -l\n")
    assert _shown(root) == {}


def test_line_endings_and_what_tools_leave_do_not_matter(root: Path) -> None:
    _record(root)
    for path in (PAGE, HELLO):
        (root / path).write_bytes((root / path).read_bytes().replace(b"\n", b"\r\n"))
    for left in ("__pycache__/a.pyc", ".pytest_cache/b", "solution/.ruff_cache/c"):
        (root / FOLDER / left).parent.mkdir(parents=True, exist_ok=True)
        (root / FOLDER / left).touch()
    assert PAGE in _shown(root)


def test_a_stale_record_is_no_error(root: Path) -> None:
    before = check(load(root))
    _record(root)
    (root / HELLO).write_text("echo changed\n")
    assert check(load(root)) == before


def test_nothing_is_recorded_where_something_failed(root: Path) -> None:
    recorded = _record(root, _passed(root), Outcome("docs/index.md", 1, "bash", "failed"))
    assert recorded.written == ()
    assert recorded.refused[PAGE] == "something failed in this run"
    assert _shown(root) == {}


@pytest.mark.parametrize("path", [PAGE, f"{FOLDER}/test_first.py"])
def test_what_fails_loses_its_date(root: Path, path: str) -> None:
    _record(root)
    recorded = _record(root, _passed(root), Outcome(path, 1, "bash", "failed"))
    assert recorded.dropped == (PAGE,)
    assert _shown(root) == {}


def test_an_unknown_state_is_no_success(root: Path) -> None:
    assert _record(root, _passed(root), Outcome(PAGE, 1, "bash", "not run")).written == ()


def test_without_an_engine_no_date_is_earned(root: Path) -> None:
    recorded = _record(root, _passed(root), Outcome(PAGE, 1, "bash", "skipped", f"engine: {NOT_RUN}"))
    assert recorded.written == ()
    assert "engine" in recorded.refused[PAGE]


@pytest.mark.parametrize("state", ["parsed", "skipped", "compared", "shown"])
def test_what_was_only_read_earns_no_date(root: Path, state: str) -> None:
    assert _record(root, Outcome(PAGE, 1, "yaml", state)).refused == {PAGE: "nothing of it is run"}
    assert _shown(root) == {}


@pytest.mark.parametrize("path", [PAGE, HELLO])
def test_a_change_while_it_ran_earns_no_date(root: Path, path: str) -> None:
    course = load(root)
    before = fingerprints(course, course.written)
    with (root / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    recorded = write_record(course, before, [_passed(root)], TODAY)
    assert "changed" in recorded.refused[PAGE]
    assert _shown(root) == {}


def test_pages_that_were_not_run_keep_theirs_and_pages_that_are_gone_lose_theirs(root: Path) -> None:
    _record(root)
    entries = json.loads((root / RECORD).read_text(encoding="utf-8"))
    entries["s1_start/gone.md"] = entries[PAGE]
    (root / RECORD).write_text(json.dumps(entries), encoding="utf-8")
    course = load(root)
    assert write_record(course, {}, [], TODAY + timedelta(1)) == Recorded()
    assert set(read_record(root)) == {PAGE}
    assert read_record(root)[PAGE].date == TODAY


def test_the_latest_run_counts(root: Path) -> None:
    _record(root)
    _record(root, today=TODAY + timedelta(5))
    assert _shown(root, TODAY + timedelta(6))[PAGE].day == "8 November 2026"


def test_a_date_to_come_is_not_believed(root: Path) -> None:
    _record(root, today=TODAY + timedelta(1))
    assert _shown(root, TODAY) == {}
    assert PAGE in _shown(root, TODAY + timedelta(1))


def test_a_draft_shows_none(root: Path) -> None:
    _record(root)
    page = root / PAGE
    page.write_text(page.read_text().replace("core: true", "core: true\nstatus: draft"))
    entries = json.loads((root / RECORD).read_text(encoding="utf-8"))
    course = load(root)
    entries[PAGE]["hash"] = content_hash(course, course.modules[0])
    (root / RECORD).write_text(json.dumps(entries), encoding="utf-8")
    assert _shown(root) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r'"date": "[^"]*"', '"date": "yesterday"'),
        (r'"date": "[^"]*"', '"day": "2026-11-03"'),
        (r'"run": 1', '"run": 0'),
        (r'"run": 1', '"run": "many"'),
        (r'"counts"', '"count"'),
        (r'"tools": \{[^}]*\}', '"tools": {}'),
        (r'"tools": \{[^}]*\}', '"tools": []'),
        (r'"hash": "[0-9a-f]', '"hash": "'),
        (r"\A\{", "["),
        (r"(?s)\A.*\Z", "[]"),
        (r"(?s)\A.*\Z", ""),
        (r"(?s)\A.*\Z", '{"' + PAGE + '": 3}'),
    ],
)
def test_a_record_that_says_nothing_certain_shows_nothing(root: Path, old: str, new: str) -> None:
    _record(root)
    path = root / RECORD
    text = path.read_text(encoding="utf-8")
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert _shown(root) == {}


def test_the_record_is_stable_text(root: Path) -> None:
    _record(root)
    first = (root / RECORD).read_bytes()
    _record(root)
    assert (root / RECORD).read_bytes() == first
    assert first.endswith(b"}\n")


def test_the_default_day_is_that_of_utc(root: Path) -> None:
    course = load(root)
    write_record(course, fingerprints(course, course.written), [_passed(root)])
    assert read_record(root)[PAGE].date == utc_today()


def test_the_line_leads_to_the_page_that_says_what_it_means(root: Path) -> None:
    _record(root)
    assert "<a" not in re.search(r'<p class="ck-verified">.*</p>', _header(root))[0]  # type: ignore[index]
    with (root / "docs/index.md").open("a", encoding="utf-8") as page:
        page.write("\n<!-- course: verified -->\n")
    assert '<p class="ck-verified"><a href="docs/index.md">' in _header(root)


def test_the_list_of_all_pages(root: Path) -> None:
    course = load(root)
    page = course.page_by_path["docs/index.md"]
    mark = "<!-- course: verified -->"
    before = Site(course, lambda here, there: there).filled(page, mark)
    assert "not since it was changed" in before
    _record(root)
    after = Site(course, lambda here, there: there, verified=_shown(root)).filled(page, mark)
    assert "3 November 2026" in after
    assert "not since it was changed" not in after


@SHELL
def test_only_tools_that_were_used_are_named(root: Path) -> None:
    course = load(root)
    assert set(tools_used(course, course.modules[0], {_line(root)})) == {"Python", "bash", "git"}
    assert "git" not in tools_used(course, course.modules[0], set())


def test_packages_are_named_by_import_and_by_command(root: Path) -> None:
    page = root / PAGE
    python = "```python\nimport yaml, json\nfrom jinja2 import Template\nimport nowhere\n```\n"
    code = python + "\n```bash\nA=1 ruff check && uv run mypy .\n```\n"
    page.write_text(page.read_text().replace(BLOCK, code))
    lines = [i for i, text in enumerate(page.read_text().splitlines(), 1) if text in ("```python", "```bash")]
    course = load(root)
    used = tools_used(course, course.modules[0], lines)
    assert {"PyYAML", "Jinja2", "ruff", "mypy"} <= {name if name != "jinja2" else "Jinja2" for name in used}
    assert not used.keys() & {"json", "nowhere", "pytest"}
    assert all(re.fullmatch(r"[\w.]+", version) for version in used.values())


def test_results_are_written_for_others(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results(path, [Outcome(PAGE, 3, "bash", "failed", "Exit code 1.", "boom")])
    assert json.loads(path.read_text(encoding="utf-8"))["outcomes"] == [
        {"path": PAGE, "line": 3, "what": "bash", "state": "failed", "message": "Exit code 1.", "output": "boom"}
    ]
