"""The running example at any point: which files it has, and where each comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.model import Course
from coursekit.run import overlay
from courses import course, found, tree
from exercise_course import FILES, S1, S2, SIDE, page, session


def small(root: Path, changes: dict[str, str | bytes | None] | None = None) -> Course:
    return course(root, {**FILES, **(changes or {})})


def origins(files: overlay.Files) -> dict[str, str]:
    return {path: origin.path for path, origin in files.items()}


def test_the_course_of_these_tests_is_clean(tmp_path: Path) -> None:
    assert found(small(tmp_path)) == []


def test_before_and_after(tmp_path: Path) -> None:
    made = small(tmp_path)
    first, second = made.module_by_name["first"], made.module_by_name["second"]
    assert overlay.before(made, first) == {}
    left = {
        "data/words.txt": f"{S1}/starter/data/words.txt",  # needs no work, so it stands in the starter only
        "scripts/hello.sh": f"{S1}/solution/scripts/hello.sh",
        "src/sums.py": f"{S1}/solution/src/sums.py",
    }
    assert origins(overlay.after(made, first)) == origins(overlay.before(made, second)) == left
    assert origins(overlay.started(made, second)) == {**left, "src/mean.py": f"{S2}/starter/src/mean.py"}
    assert overlay.after(made, second)["src/mean.py"] == overlay.Origin(f"{S2}/solution/src/mean.py", "second")


def test_morning_and_evening(tmp_path: Path) -> None:
    made = small(tmp_path)
    first, second = made.sessions
    assert overlay.morning(made, first) == {}
    assert overlay.evening(made, first) == overlay.morning(made, second)
    assert set(overlay.evening(made, second)) == {"data/words.txt", "scripts/hello.sh", "src/sums.py", "src/mean.py"}


def test_an_optional_module_is_there_only_for_those_that_require_it(tmp_path: Path) -> None:
    made = small(
        tmp_path,
        {
            "s2_next/README.md": session("Next", "second", "more", "other"),
            "s2_next/more.md": page("More", {"more": "More"}, "nothing", "[aside]", core=False),
            "s2_next/other.md": page("Other", {"other": "Other"}, "nothing", core=False),
        },
    )
    with_notes = {m.name for m in made.modules if "notes.txt" in overlay.before(made, m)}
    assert with_notes == {"more"}
    assert overlay.before(made, made.module_by_name["more"])["notes.txt"] == overlay.Origin(
        f"{SIDE}/starter/notes.txt", "aside"
    )


def test_a_draft_leaves_nothing_behind(tmp_path: Path) -> None:
    draft = str(FILES["s1_start/first.md"]).replace("---\n# First", "status: draft\nminutes: 10\n---\n# First")
    made = small(tmp_path, {"s1_start/first.md": draft})
    assert overlay.before(made, made.module_by_name["second"]) == {}
    assert "src/sums.py" in overlay.after(made, made.module_by_name["first"])


def test_removed_files(tmp_path: Path) -> None:
    made = small(tmp_path, {f"{S2}/removed.txt": "# no longer needed\n\nscripts/hello.sh\n"})
    second = made.module_by_name["second"]
    assert "scripts/hello.sh" in overlay.before(made, second)
    assert "scripts/hello.sh" not in overlay.after(made, second)
    assert list(overlay.problems(made, second)) == []


@pytest.mark.parametrize(
    ("line", "requires", "said"),
    [
        ("scripts/hallo.sh", "[first]", "has no file `scripts/hallo.sh`"),
        ("scripts/hello.sh", "[]", "of the module `first` and does not require it"),
    ],
)
def test_wrong_removals_are_found(line: str, requires: str, said: str, tmp_path: Path) -> None:
    requiring = str(FILES["s2_next/second.md"]).replace("requires: [first]", f"requires: {requires}")
    made = small(tmp_path, {f"{S2}/removed.txt": f"# gone\n{line}\n", "s2_next/second.md": requiring})
    (problem,) = overlay.problems(made, made.module_by_name["second"])
    assert (problem.location.path, problem.location.line) == (f"{S2}/removed.txt", 2)
    assert said in problem.message


def test_what_a_module_provides_and_removes_is_there_until_it_is_done(tmp_path: Path) -> None:
    made = small(tmp_path, {f"{S1}/removed.txt": "src/sums.py\n"})
    first, second = made.module_by_name["first"], made.module_by_name["second"]
    assert "src/sums.py" in overlay.after(made, first)
    assert "src/sums.py" not in overlay.before(made, second)
    assert "src/sums.py" not in overlay.evening(made, made.sessions[0])
    assert list(overlay.problems(made, first)) == []


def test_replacing_a_file_of_a_module_that_is_not_required(tmp_path: Path) -> None:
    """The rule C506; through another module it is required all the same."""
    third = {
        "s2_next/README.md": session("Next", "second", "third"),
        "s2_next/exercises/third/solution/src/sums.py": "# third\n",
    }
    text = page("Third steps", {"third": "Third"}, "`src/sums.py`", "[second]")
    assert found(small(tmp_path / "through", {**third, "s2_next/third.md": text})) == []
    broken = small(tmp_path / "not", {**third, "s2_next/third.md": text.replace("[second]", "[]")})
    assert found(broken) == ["s2_next/third.md:4: overlay-replaces-unrequired-module"]


def test_a_later_side_branch_does_not_come_between(tmp_path: Path) -> None:
    """Two optional modules may each change a file: neither builds on the other."""
    changed = {
        "s1_start/aside.md": page("Aside", {"look": "Look"}, "`notes.txt` and `src/sums.py`", "[first]", core=False),
        f"{SIDE}/solution/src/sums.py": "# aside\n",
        "s2_next/second.md": page("Second steps", {"mean": "The mean"}, "`src/mean.py`, `src/sums.py`", "[first]"),
        f"{S2}/solution/src/sums.py": "# second\n",
    }
    made = small(tmp_path, changed)
    assert found(made) == []
    assert overlay.before(made, made.module_by_name["second"])["src/sums.py"].module == "first"


def test_write_keeps_bytes_and_permission_to_run(tmp_path: Path) -> None:
    made = small(tmp_path / "course", {f"{S1}/starter/data/words.txt": b"\xff\r\n"})
    (made.root / S1 / "solution/scripts/hello.sh").chmod(0o755)
    overlay.write(made, overlay.evening(made, made.sessions[0]), tmp_path / "out")
    assert tree(tmp_path / "out")["data/words.txt"] == b"\xff\r\n"
    assert (tmp_path / "out/scripts/hello.sh").stat().st_mode & 0o100
