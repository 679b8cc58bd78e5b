"""`course project`, `start` and `try`: what a student gets, what is never lost, and messages that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.__main__ import main
from coursekit.run.runner import Result
from coursekit.run.student import first_thing
from courses import MINIMAL, course, tree, write
from exercise_course import FILES, HELLO, HELLO_DONE, S1, S2, SUMS, SUMS_DONE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "course", FILES)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "my project"


def run(root: Path, *arguments: str | Path) -> int:
    return main([*map(str, arguments), "--root", str(root)])


def started(root: Path, mine: Path, capsys: pytest.CaptureFixture[str], module: str = "first") -> None:
    assert run(root, "start", module, mine) == 0
    capsys.readouterr()


# project


def test_project_writes_the_morning_of_a_session(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for where in ("s2", "s2_next", "next", "second", "M3"):
        folder = mine / where
        assert run(root, "project", where, folder) == 0
        assert {*tree(folder)} == {"src/sums.py", "scripts/hello.sh", "data/words.txt"}
        assert (folder / "src/sums.py").read_text() == SUMS_DONE
    out = capsys.readouterr().out
    assert "on the morning of “Next”" in out
    assert "before “Second steps”" in out


def test_project_on_the_first_morning_is_empty(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "project", "s1", mine) == 0
    assert "no files yet" in capsys.readouterr().out
    assert not mine.exists()


def test_project_refuses_a_folder_that_is_not_empty(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_mine(mine, "src/sums.py", "my own\n")
    assert run(root, "project", "s2", mine) == 2
    assert "is not empty" in capsys.readouterr().err
    assert {*tree(mine)} == {"src/sums.py"}
    assert run(root, "project", "s2", mine, "--force") == 0
    assert (mine / "src/sums.py").read_text() == SUMS_DONE
    assert (mine / "src/sums.py.bak").read_text() == "my own\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["start", "frist", "{mine}"], "There is no module `frist`. Did you mean `first`?"),
        (["try", "secnd", "{mine}"], "Did you mean `second`?"),
        (["project", "s2_nxt", "{mine}"], "Did you mean `s2_next`?"),
        (["project", "M9", "{mine}"], "There is no module `M9`."),
        (["start", "first", "{root}/mine"], "belongs to the course itself"),
        (["start", "first", "{root}/mkdocs.yml"], "belongs to the course itself"),
        (["project", "s2", "{root}"], "belongs to the course itself"),
        (["start", "first", "{mine}/../file"], "is a file. Give a folder."),
        (["try", "first", "{mine}"], "does not exist. `course start first '"),
        (["try", "first", "{root}/docs"], "holds none of this module's files"),
        (["try", "aside", "{root}/docs"], "“Aside” has no tests. Compare your work with the solutions"),
    ],
)
def test_misuse_is_two_and_says_what_to_do(
    arguments: list[str], said: str, root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine.parent / "file").touch()
    mine_or_none = mine if "{mine}/" not in str(arguments) else mine.parent / "x"
    before = tree(root)
    (mine.parent / "x").mkdir()
    assert run(root, *[argument.format(root=root, mine=mine_or_none) for argument in arguments]) == 2
    assert said in capsys.readouterr().err
    assert tree(root) == before
    assert not mine.exists()


def test_the_course_is_found_from_within_it_and_from_where_it_was_installed(
    root: Path, mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root / "s1_start")
    assert main(["project", "s2", str(mine)]) == 0
    write(mine, {})  # a course, and not the one that coursekit comes with
    (mine / "mkdocs.yml").write_text("site_name: The student's own site\n")
    monkeypatch.chdir(mine)
    assert main(["start", "no_such_module"]) == 2
    assert "There is no module" in capsys.readouterr().err


def test_without_a_course_the_message_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("coursekit.run.student.__file__", str(tmp_path / "site-packages/coursekit/run/student.py"))
    assert main(["start", "first"]) == 2
    assert "--root FOLDER" in capsys.readouterr().err


# start


def write_mine(mine: Path, path: str, text: str) -> None:
    (mine / path).parent.mkdir(parents=True, exist_ok=True)
    (mine / path).write_text(text)


def test_start_in_an_empty_folder_brings_the_whole_project(
    root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, "start", "second", mine) == 0
    assert {*tree(mine)} == {"src/sums.py", "scripts/hello.sh", "data/words.txt", "src/mean.py"}
    assert (mine / "src/sums.py").read_text() == SUMS_DONE
    out = capsys.readouterr().out
    assert "“Second steps” (M3) starts in" in out
    assert "`course try second`" in out


def test_start_adds_the_starter_to_a_project(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_mine(mine, "README.md", "my project\n")
    write_mine(mine, "src/sums.py", SUMS_DONE)
    assert run(root, "start", "second", mine) == 0
    assert {*tree(mine)} == {"README.md", "src/sums.py", "src/mean.py"}
    out = capsys.readouterr().out
    assert "new: src/mean.py" in out
    assert "2 files are not here, such as data/words.txt: `course project second DIR`" in out


def test_start_here_is_the_default(
    root: Path, mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.mkdir()
    monkeypatch.chdir(mine)
    assert run(root, "start", "first") == 0
    assert "src/sums.py" in tree(mine)


def test_starting_twice_changes_nothing(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    before = tree(mine)
    assert run(root, "start", "first", mine) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert tree(mine) == before


def test_what_a_student_has_changed_is_kept(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    for count, work in enumerate(("first try\n", "second try\n", "third try\n"), 1):
        write_mine(mine, "src/sums.py", work)
        assert run(root, "start", "first", mine) == 0
        name = f"sums.py.bak{count if count > 1 else ''}"
        out = capsys.readouterr().out
        assert f"replaced: src/sums.py, which you had changed; yours is kept as {name}" in out
        assert "2 files left as they are" in out
        assert (mine / "src" / name).read_text() == work
        assert (mine / "src/sums.py").read_text() == SUMS


def test_a_file_as_it_was_before_the_module_needs_no_copy(
    root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, {"s2_next/exercises/second/starter/src/sums.py": SUMS_DONE + "# TODO (mean): a mean\n"})
    started(root, mine, capsys, "first")
    write_mine(mine, "src/sums.py", SUMS_DONE.replace("\n", "\r\n"))  # as Git may write it on Windows
    assert run(root, "start", "second", mine) == 0
    assert "brought up to date: src/sums.py" in capsys.readouterr().out
    assert not list(mine.rglob("*.bak*"))


def test_missing_files_come_back_and_no_other_changes(
    root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", SUMS_DONE)
    (mine / "scripts/hello.sh").unlink()
    assert run(root, "start", "first", mine, "--missing") == 0
    assert "new: scripts/hello.sh" in capsys.readouterr().out
    assert (mine / "src/sums.py").read_text() == SUMS_DONE
    assert (mine / "scripts/hello.sh").read_text() == HELLO


def test_start_does_all_or_nothing(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_mine(mine, "src/sums.py", "mine\n")
    write_mine(mine, "scripts", "a file where a folder has to be\n")
    before = tree(mine)
    assert run(root, "start", "first", mine) == 2
    assert "scripts" in capsys.readouterr().err
    assert tree(mine) == before
    (mine / "scripts").unlink()
    (mine / "scripts/hello.sh").mkdir(parents=True)
    assert run(root, "start", "first", mine) == 2
    assert "is a folder" in capsys.readouterr().err
    assert tree(mine) == {"src/sums.py": b"mine\n"}


# try


def tried(root: Path, mine: Path, capsys: pytest.CaptureFixture[str], code: int = 1) -> list[str]:
    """What `course try first` prints, below its heading."""
    before, ours = tree(mine), tree(root)
    assert run(root, "try", "first", mine, "--seconds", "5") == code
    assert tree(mine) == before, "nothing is left behind"
    assert tree(root) == ours
    head, blank, *lines = capsys.readouterr().out.splitlines()
    assert head == f"First steps (M1), checked in {mine}"
    assert blank == ""
    assert not [line for line in lines if "Traceback" in line or "assert " in line]
    return lines


EXPLORE = "M1.1 Explore    no test; compare with the solution"


def test_nothing_done(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    assert tried(root, mine, capsys) == [
        EXPLORE,
        "M1.2 Add up     not yet: still a TODO in src/sums.py:3",
        "M1.3 Double it  not yet: double(4) is not 8",
        "M1.4 Greet      not yet: hello.sh Ada does not greet:",
        "",
        "0 of 3 exercises pass; 1 has no test.",
    ]


def test_half_done(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", SUMS.replace("raise NotImplementedError", "return one * other"))
    write_mine(mine, "scripts/hello.sh", HELLO_DONE)
    assert tried(root, mine, capsys) == [
        EXPLORE,
        "M1.2 Add up     not yet: add(2, 3) is not 5: is it the sum?",
        "M1.3 Double it  not yet: double(4) is not 8",
        "M1.4 Greet      passed",
        "",
        "1 of 3 exercises pass; 1 has no test.",
    ]


def test_done(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", SUMS_DONE)
    write_mine(mine, "scripts/hello.sh", HELLO_DONE)
    assert tried(root, mine, capsys, code=0)[-1] == "3 of 3 exercises pass; 1 has no test."


def test_syntax_error(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", SUMS.replace("return number", "return add(number"))
    assert tried(root, mine, capsys) == [
        "The checks cannot begin: src/sums.py:8: Python cannot read this: '(' was never closed",
        EXPLORE.replace("no test; compare with the solution", "not checked: see above"),
        "M1.2 Add up     not checked: see above",
        "M1.3 Double it  not checked: see above",
        "M1.4 Greet      not checked: see above",
        "",
        "0 of 4 exercises pass.",
    ]


def test_a_loop_at_the_top_of_a_file(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", "while True:\n    pass\n")
    assert tried(root, mine, capsys)[0].startswith("The checks cannot begin: src/sums.py:")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise SystemExit(3)", "The checks cannot begin: src/sums.py:1: this ends Python. Put what shall not run"),
        ("input()", "The checks cannot begin: src/sums.py:1: this waits for input"),
        ("import os; os._exit(3)", "The run ended early: "),
        ("import os; os.abort()", "The run ended early: Fatal Python error: Aborted."),
    ],
)
def test_a_file_that_cannot_be_imported(
    line: str, said: str, root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", f"{line}\n{SUMS_DONE}")
    lines = tried(root, mine, capsys)
    assert lines[0].startswith(said)
    assert lines[-1] == "0 of 4 exercises pass."


def test_a_folder_within_the_project(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    assert run(root, "try", "first", mine / "src") == 2
    assert f"Is {mine} your project?" in capsys.readouterr().err


def test_file_deleted(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    (mine / "scripts/hello.sh").unlink()
    missing, _, *lines = tried(root, mine, capsys)
    assert missing.startswith("Missing here: scripts/hello.sh. `course start first '")
    assert missing.endswith("my project' --missing` puts back what is gone.")
    assert lines[3].startswith(
        "M1.4 Greet      not yet: hello.sh Ada does not greet: bash: scripts/hello.sh: No such file"
    )


def test_a_file_that_the_exercises_take_away_is_not_missing(
    root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, {**FILES, f"{S1}/removed.txt": "scripts/hello.sh\n"})
    started(root, mine, capsys)
    (mine / "scripts/hello.sh").unlink()
    assert tried(root, mine, capsys)[0] == EXPLORE


def test_work_that_a_later_module_changes(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, {**FILES, f"{S2}/superseded.txt": "first::test_double_it\n"})
    started(root, mine, capsys)
    lines = tried(root, mine, capsys)
    assert lines[1] == "M1.2 Add up     not yet: still a TODO in src/sums.py:3"
    assert lines[2] == "M1.3 Double it  not yet: double(4) is not 8 (all is well if you have done “Second steps” since)"


def test_python_file_deleted(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started(root, mine, capsys)
    (mine / "src/sums.py").unlink()
    lines = tried(root, mine, capsys)
    assert lines[0].startswith("Missing here: src/sums.py.")
    assert lines[2].startswith("The checks cannot begin: a check: No module named 'sums'")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("while True: pass", "src/sums.py:2: this took longer than 5 s: is there a loop that does not end"),
        ("return int(open('nowhere.txt').read())", "there is no file nowhere.txt, which src/sums.py:2 wants to open"),
        ("return one + nother", "NameError in src/sums.py:2: name 'nother' is not defined"),
        ("import nupmy", "src/sums.py:2: No module named 'nupmy' (a file of yours that is missing, or a package"),
        ("import os; os._exit(3)", "not checked: see above"),
        ("import sys; sys.exit(3)", "SystemExit in src/sums.py:2: 3"),
    ],
)
def test_other_errors_name_the_line(
    body: str, said: str, root: Path, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", f"def add(one, other):\n    {body}\n\n\ndef double(n):\n    return 2 * n\n")
    write_mine(mine, "scripts/hello.sh", HELLO_DONE)
    lines = tried(root, mine, capsys)
    assert any(said in line for line in lines), lines
    if "_exit" in body:
        assert lines[0].startswith("The run ended early in test_add_up: ")
    else:
        assert lines[-1] == "2 of 3 exercises pass; 1 has no test."


def test_settings_and_plugins_of_the_student_have_no_say(
    root: Path, mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started(root, mine, capsys)
    write_mine(mine, "src/sums.py", SUMS_DONE)
    write_mine(mine, "scripts/hello.sh", HELLO_DONE)
    write_mine(mine, "pyproject.toml", '[tool.pytest.ini_options]\naddopts = "--no-such-option"\n')
    write_mine(mine, "conftest.py", "raise SystemExit\n")
    write_mine(mine, "tests/test_add_up.py", "def test_add_up(): assert False\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    assert tried(root, mine, capsys, code=0)[-1] == "3 of 3 exercises pass; 1 has no test."


def test_a_check_that_is_skipped_says_why(root: Path, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / S1 / "test_first.py"
    path.write_text(path.read_text().replace("    done =", "    import pytest; pytest.skip('no bash')\n    done ="))
    started(root, mine, capsys)
    assert "M1.4 Greet      not checked here: no bash" in tried(root, mine, capsys)


def test_without_pytest_the_message_says_how_to_get_it(
    root: Path, mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started(root, mine, capsys)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(root, "try", "first", mine) == 2
    assert "pip install 'coursekit[run]'" in capsys.readouterr().err


def test_first_thing_is_one_line() -> None:
    said = Result("test_x", "t.py", 1, "failed", "AssertionError", "\nfirst\nassert 1 == 2\n")
    assert first_thing(said) == "first"
    assert first_thing(Result("test_x", "t.py", 1, "failed", "AssertionError")) == "the check test_x fails"


def test_a_course_without_exercise_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(MINIMAL, "start", "first", tmp_path / "mine") == 0
    assert "has no starter files" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
    assert course(tmp_path / "copy", {}).exercise_files == {}
