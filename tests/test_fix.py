"""Fixes are written whole or not at all, and nothing that an author wrote meanwhile is lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from coursekit.diagnostic import Diagnostic, Edit, Fix
from coursekit.fix import Result, apply, write_all, write_atomically
from coursekit.load import load
from coursekit.model import Course, Location
from coursekit.rule import check
from courses import MINIMAL, course, tree

HOME = "docs/index.md"
FIRST = "s1_start/first.md"
ID = "\n<!-- id: take-a-step -->\n"
WITHOUT_ID = (MINIMAL / FIRST).read_text("utf-8").replace(ID, "")
WITH_ID = (MINIMAL / FIRST).read_text("utf-8")


def mend(course: Course) -> Result:
    return apply(course, check(course))


def edit(start: int, end: int, text: str, path: str = HOME) -> Edit:
    return Edit(path, start, end, text)


def problem(*edits: Edit) -> Diagnostic:
    return Diagnostic(Location(HOME), "Something is wrong.", fix=Fix("mend it", edits))


@pytest.fixture
def minimal(tmp_path: Path) -> Course:
    return course(tmp_path, {HOME: "0123456789"})


def home(course: Course) -> str:
    return (course.root / HOME).read_bytes().decode()


def modules_page(root: Path, text: str) -> Course:
    return course(root, {FIRST: text.encode()})


def test_what_was_mended_is_told(tmp_path: Path) -> None:
    result = mend(modules_page(tmp_path, WITHOUT_ID))
    assert [diagnostic.code for diagnostic in result.fixed] == ["C301"]
    assert (result.written, result.postponed, result.failures) == ((FIRST,), (), ())
    assert tree(tmp_path)[FIRST].decode() == WITH_ID


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    mend(modules_page(tmp_path, WITHOUT_ID))
    before = (tmp_path / FIRST).stat()
    assert mend(load(tmp_path)) == Result()
    after = (tmp_path / FIRST).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_endings_and_byte_order_mark_stay(tmp_path: Path, mark: str, line_end: str) -> None:
    mend(modules_page(tmp_path, mark + WITHOUT_ID.replace("\n", line_end)))
    assert tree(tmp_path)[FIRST].decode() == mark + WITH_ID.replace("\n", line_end)


def test_many_edits_of_one_file(minimal: Course) -> None:
    result = apply(minimal, [problem(edit(8, 9, "")), problem(edit(2, 4, "two")), problem(edit(5, 5, "+"))])
    assert home(minimal) == "01two4+5679"
    assert len(result.fixed) == 3


def test_edits_that_touch_do_not_overlap(minimal: Course) -> None:
    result = apply(minimal, [problem(edit(2, 4, "b")), problem(edit(4, 6, "c")), problem(edit(2, 2, "a"))])
    assert home(minimal) == "01abc6789"
    assert not result.postponed


def test_the_same_edit_twice_is_one(minimal: Course) -> None:
    result = apply(minimal, [problem(edit(2, 2, "x")), problem(edit(2, 2, "x"), edit(4, 5, ""))])
    assert home(minimal) == "01x2356789"
    assert len(result.fixed) == 2


@pytest.mark.parametrize(
    "later",
    [edit(3, 5, ""), edit(1, 9, "x"), edit(2, 3, "x"), edit(3, 3, "x"), edit(2, 4, "y"), edit(6, 6, "y")],
)
def test_overlapping_fixes_wait_for_the_next_run(minimal: Course, later: Edit) -> None:
    first, second = problem(edit(2, 4, "b"), edit(6, 6, "c")), problem(edit(0, 1, "!"), later)
    result = apply(minimal, [first, second])
    assert (result.fixed, result.postponed) == ((first,), (second,))
    assert home(minimal) == "01b45c6789"


def test_a_refused_fix_does_not_block_others(minimal: Course) -> None:
    refused = problem(edit(0, 2, "x"), edit(5, 7, "x"))
    result = apply(minimal, [problem(edit(6, 8, "")), refused, problem(edit(1, 3, ""))])
    assert result.postponed == (refused,)
    assert home(minimal) == "034589"


def test_what_changed_since_it_was_checked_is_left_alone(tmp_path: Path) -> None:
    checked = course(tmp_path, {FIRST: WITHOUT_ID, "README.md": "# A\n\n[a](Docs/index.md)\n"})
    (tmp_path / FIRST).write_text(WITHOUT_ID + "\nAn author types.\n")
    result = mend(checked)
    assert [str(failure.location) for failure in result.failures] == [f"{FIRST}:1:1"]
    assert "changed since it was checked" in result.failures[0].message
    assert result.written == ("README.md",)
    assert (tmp_path / FIRST).read_text() == WITHOUT_ID + "\nAn author types.\n"


def test_what_is_gone_is_not_made_again(tmp_path: Path) -> None:
    checked = modules_page(tmp_path, WITHOUT_ID)
    (tmp_path / FIRST).unlink()
    assert len(mend(checked).failures) == 1
    assert not (tmp_path / FIRST).exists()


def test_a_fix_of_two_files_needs_both(tmp_path: Path) -> None:
    checked = course(tmp_path, {HOME: "0123456789"})
    (tmp_path / FIRST).write_text("changed")
    both = problem(edit(0, 1, "x"), edit(0, 1, "x", FIRST))
    result = apply(checked, [both, problem(edit(5, 6, "y"))])
    assert len(result.fixed) == 1
    assert home(checked) == "01234y6789"


def test_other_files_are_never_touched(minimal: Course) -> None:
    (minimal.root / "notes.txt").write_text("mine")
    result = apply(minimal, [problem(edit(0, 1, "x", "notes.txt")), problem(edit(0, 1, "x", "../out.txt"))])
    assert len(result.failures) == 2
    assert (minimal.root / "notes.txt").read_text() == "mine"


def test_a_read_only_file_stays(tmp_path: Path) -> None:
    checked = modules_page(tmp_path, WITHOUT_ID)
    (tmp_path / FIRST).chmod(0o444)
    result = mend(checked)
    assert (result.fixed, result.written) == ((), ())
    assert "read-only" in result.failures[0].message
    assert (tmp_path / FIRST).read_text() == WITHOUT_ID
    assert tree(tmp_path).keys() == tree(MINIMAL).keys()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such permissions")
def test_permissions_stay(tmp_path: Path) -> None:
    checked = modules_page(tmp_path, WITHOUT_ID)
    (tmp_path / FIRST).chmod(0o640)
    mend(checked)
    assert stat.S_IMODE((tmp_path / FIRST).stat().st_mode) == 0o640


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A course in which a page is a link to a file elsewhere."""
    modules_page(tmp_path / "course", WITHOUT_ID)
    page = tmp_path / "course" / FIRST
    page.rename(tmp_path / "elsewhere.md")
    try:
        page.symlink_to("../../elsewhere.md")
    except OSError:  # Windows asks for a privilege
        pytest.skip("links cannot be made here")
    return page


def test_a_link_stays_a_link(linked: Path) -> None:
    mend(load(linked.parents[1]))
    assert linked.is_symlink()
    assert linked.resolve().read_text() == WITH_ID


def test_two_links_to_one_file_are_mended_one_at_a_time(linked: Path) -> None:
    second = linked.with_name("second.md")
    second.symlink_to("../../elsewhere.md")
    both = [problem(edit(0, 0, name, f"s1_start/{name}.md")) for name in ("first", "second")]
    result = apply(load(linked.parents[1]), both)
    assert (result.fixed, result.written) == ((both[0],), (FIRST,))
    assert linked.read_text() == "first" + WITHOUT_ID


def failing_replace(monkeypatch: pytest.MonkeyPatch, last: str) -> None:
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if Path(target).name == last:
            raise OSError(5, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)


def test_a_failed_write_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = course(tmp_path, {FIRST: WITHOUT_ID, "README.md": "# A\n\n[a](Docs/index.md)\n"})
    before = tree(tmp_path)
    failing_replace(monkeypatch, "first.md")
    result = mend(checked)
    assert [(failure.location.path, failure.message) for failure in result.failures] == [
        (FIRST, "The file is left as it is. It cannot be written: Input/output error.")
    ]
    assert ([diagnostic.code for diagnostic in result.fixed], result.written) == (["C402"], ("README.md",))
    assert tree(tmp_path) == before | {"README.md": b"# A\n\n[a](docs/index.md)\n"}


def test_a_full_disk_is_noticed_before_anything_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("a")
    left = iter([True])

    def sync(file: int) -> None:
        if not next(left, False):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(OSError, match="No space"):
        write_all({tmp_path / "a": "A", tmp_path / "b": "B"})
    assert tree(tmp_path) == {"a": b"a"}


def test_all_files_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"a\r\n")
    (tmp_path / "c").write_bytes(b"c")
    before = tree(tmp_path)
    failing_replace(monkeypatch, "c")
    with pytest.raises(OSError, match="Input/output"):
        write_all({tmp_path / "a": b"A", tmp_path / "new" / "b": "B", tmp_path / "c": "C"})
    assert tree(tmp_path) == before


def test_one_read_only_file_among_many(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    (tmp_path / "b").chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        write_all({tmp_path / "a": "A", tmp_path / "b": "B"})
    assert tree(tmp_path) == {"a": b"a", "b": b"b"}


def test_bytes_and_texts_are_written_as_they_are(tmp_path: Path) -> None:
    write_all({tmp_path / "new" / "a": "ü\r\n\n", tmp_path / "b": b"\xff"})
    assert tree(tmp_path) == {"new/a": b"\xc3\xbc\r\n\n", "b": b"\xff"}


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_atomically(tmp_path / "new", "text")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode
