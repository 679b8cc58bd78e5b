"""What CI holds of exercises: a good module passes, and each planted fault is found in its place."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursekit.load import load
from coursekit.model import Course
from coursekit.run.exercises import make_runner, verify_module, verify_session_end
from coursekit.run.outcome import Outcome
from coursekit.run.runner import Report, Runner, imported
from coursekit.run.todo import Marker, todos
from courses import course, found, tree, write
from exercise_course import (
    FILES,
    HELLO,
    HELLO_DONE,
    MEAN,
    S1,
    S2,
    SIDE,
    SUMS,
    SUMS_DONE,
    TEST_FIRST,
    TEST_SECOND,
    page,
    session,
)

SUMS_AT, HELLO_AT = f"{S1}/starter/src/sums.py", f"{S1}/starter/scripts/hello.sh"
Changes = dict[str, str | bytes | None]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


def small(root: Path, changes: Changes | None = None) -> Course:
    files = {**FILES, **(changes or {})}
    return course(root, {path: text for path, text in files.items() if text is not None})


def failures(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    """Where something failed, and why."""
    return [(f"{o.path}:{o.line}", o.message) for o in outcomes if o.state == "failed"]


# A module as it should be


def test_a_good_module_is_left_as_it_is(tmp_path: Path, runner: Runner) -> None:
    made = small(tmp_path)
    before = tree(tmp_path)
    outcomes = verify_module(made, made.module_by_name["first"], runner)
    assert failures(outcomes) == []
    assert [outcome.what for outcome in outcomes] == [
        "M1.2 Add up: the starter fails",
        "M1.3 Double it: the starter fails",
        "M1.4 Greet: the starter fails",
        "M1.2 Add up: the solution passes",
        "M1.3 Double it: the solution passes",
        "M1.4 Greet: the solution passes",
        "M1.4 Greet: scripts/hello.sh:3 undone is noticed",
        "M1.2 Add up: src/sums.py:2 undone is noticed",
        "M1.3 Double it: src/sums.py:7 undone is noticed",
    ]
    heading = made.module_by_name["first"].page.source.text.splitlines().index("### Add up (10 min)") + 1
    assert (outcomes[0].path, outcomes[0].line) == ("s1_start/first.md", heading)
    assert tree(tmp_path) == before


def test_modules_that_build_on_others_and_modules_without_exercises(tmp_path: Path, runner: Runner) -> None:
    made = small(tmp_path)
    assert failures(verify_module(made, made.module_by_name["second"], runner)) == []
    assert verify_module(made, made.module_by_name["aside"], runner) == []
    bare = course(tmp_path / "bare", {})
    assert verify_module(bare, bare.module_by_name["first"], runner) == []


def test_a_page_without_exercise_files_names_only_what_is_there(tmp_path: Path, runner: Runner) -> None:
    aside = page("Aside", {"look": "Look"}, "`src/sums.py` and `src/gone.py`", core=False)
    made = small(tmp_path, {f"{SIDE}/starter/notes.txt": None, "s1_start/aside.md": aside})
    ((place, message),) = failures(verify_module(made, made.module_by_name["aside"], runner))
    assert place == "s1_start/aside.md:10"
    assert "The page names `src/gone.py`" in message


# Planted faults in one module: what is changed, where it is found, what is said

SOLVED = SUMS.replace(
    "    # TODO (double-it): use add\n    return number\n", "    # TODO (double-it): use add\n    return 2 * number\n"
)
IN_OTHER = SUMS.replace("    return number\n", "    return add(number, number)\n").replace("use add", "check the sign")
HALF = "\n\ndef half(number: int) -> int:\n    # TODO (add-up): halve it\n    return number\n"
HALF_DONE = HALF.replace("    # TODO (add-up): halve it\n    return number", "    return number // 2")

FAULTS: dict[str, tuple[Changes, str, str]] = {
    "starter solved": ({SUMS_AT: SOLVED}, f"{SUMS_AT}:7", "The starter is solved already"),
    "starter cannot be imported": (
        {SUMS_AT: "import no_such_package\n" + SUMS},
        f"{SUMS_AT}:1",
        "The tests cannot be imported: src/sums.py:1: No module named 'no_such_package'",
    ),
    "starter is no Python": (
        {SUMS_AT: SUMS.replace("return number", "return (number")},
        f"{SUMS_AT}:8",
        "src/sums.py:8: Python cannot read this: '(' was never closed",
    ),
    "starter fails by accident": (
        {SUMS_AT: SUMS.replace("return number", "return nothing")},
        f"{SUMS_AT}:8",
        "`test_double_it` fails for another reason than the task: NameError",
    ),
    "starter fails in another exercise": (
        {SUMS_AT: IN_OTHER},
        f"{SUMS_AT}:3",
        "`test_double_it` fails in another exercise only: still a TODO in src/sums.py:3",
    ),
    "solution fails": (
        {f"{S1}/solution/src/sums.py": SUMS_DONE.replace("one + other", "one - other")},
        f"{S1}/test_first.py:6",
        "`test_add_up` fails: add(2, 3) is not 5",
    ),
    "solution raises": (
        {f"{S1}/solution/src/sums.py": SUMS_DONE.replace("add(number, number)", "add(number)")},
        f"{S1}/solution/src/sums.py:6",
        "`test_double_it` fails: TypeError",
    ),
    "solution cannot be imported": (
        {f"{S1}/solution/src/sums.py": "from sum import total\n" + SUMS_DONE},
        f"{S1}/solution/src/sums.py:1",
        "The tests cannot be imported",
    ),
    "undoing a TODO is not noticed": (
        {SUMS_AT: SUMS + HALF, f"{S1}/solution/src/sums.py": SUMS_DONE + HALF_DONE},
        f"{SUMS_AT}:12",
        "No test of the exercise “Add up” fails when this is not done.",
    ),
    "only the test of another exercise notices": (
        {
            SUMS_AT: SUMS + HALF,
            f"{S1}/solution/src/sums.py": SUMS_DONE + HALF_DONE,
            f"{S1}/test_first.py": TEST_FIRST.replace("add, double", "add, double, half").replace(
                "assert double(4) == 8", "assert double(4) == 8 and half(4) == 2"
            ),
        },
        f"{SUMS_AT}:12",
        "No test of the exercise “Add up” fails when this is not done.",
    ),
    "TODO without a test": (
        {f"{S1}/test_first.py": TEST_FIRST.partition("\n\ndef test_greet")[0] + "\n"},
        f"{HELLO_AT}:3",
        "The exercise “Greet” has no test.",
    ),
    "module without a test": (
        {f"{S1}/test_first.py": None},
        f"{HELLO_AT}:3",
        "No test can notice whether this is done: the module has none.",
    ),
    "TODO names no exercise": (
        {HELLO_AT: HELLO.replace("(greet)", "(greeet)")},
        f"{HELLO_AT}:3",
        "This TODO names `greeet`, which is no exercise of the page. Write it as `TODO (exercise-id)`. Did you mean",
    ),
    "TODO without a name": (
        {HELLO_AT: HELLO.replace(" (greet)", "")},
        f"{HELLO_AT}:3",
        "This TODO names no exercise.",
    ),
    "TODO left in the solution": (
        {f"{S1}/solution/scripts/hello.sh": HELLO.replace("\necho", '\necho "hello $1"')},
        f"{HELLO_AT}:3",
        "This TODO still stands in the solution.",
    ),
    "TODO without a solution": (
        {f"{S1}/starter/data/words.txt": "one\nTODO (greet): two\n"},
        f"{S1}/starter/data/words.txt:2",
        "This TODO is in a file that the solution lacks.",
    ),
    "difference without a TODO": (
        {HELLO_AT: HELLO.replace("# TODO (greet): say", "# say")},
        f"{HELLO_AT}:3",
        "The solution differs here, and no TODO in the starter says so.",
    ),
    "a file twice": (
        {f"{S1}/solution/data/words.txt": "one\n"},
        f"{S1}/solution/data/words.txt:1",
        "The starter has the same file.",
    ),
    "test of no exercise": (
        {f"{S1}/test_first.py": TEST_FIRST.replace("def test_greet", "def test_say_hello")},
        f"{S1}/test_first.py:14",
        "`test_say_hello` belongs to no exercise.",
    ),
    "tests leave something behind": (
        {f"{S1}/test_first.py": TEST_FIRST + "    open('left.txt', 'w').close()\n"},
        f"{S1}/test_first.py:1",
        "The tests leave left.txt in the student's project.",
    ),
    "a new file that no test needs": (
        {
            "s1_start/first.md": str(FILES["s1_start/first.md"]).replace(
                "`src/sums.py`", "`src/sums.py`, `src/new.py`"
            ),
            f"{S1}/solution/src/new.py": "ONE = 1\n",
        },
        f"{S1}/solution/src/new.py:1",
        "No test of the module fails when this is not done.",
    ),
    "page names a file that is not there": (
        {"s1_start/first.md": str(FILES["s1_start/first.md"]).replace("\n\n## Ex", "\n\nSee `src/summs.py`.\n\n## Ex")},
        "s1_start/first.md:12",
        "The page names `src/summs.py`, which neither the project before, nor starter or solution has.",
    ),
    "wrong removal": (
        {f"{S1}/removed.txt": "src/gone.py\n"},
        f"{S1}/removed.txt:1",
        "The project has no file `src/gone.py`",
    ),
    "endless loop in the solution": (
        {f"{S1}/solution/src/sums.py": SUMS_DONE.replace("return one + other", "while True: pass")},
        f"{S1}/solution/src/sums.py:2",
        "`test_add_up` fails: src/sums.py:2: this took longer than 2 s",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault(fault: str, tmp_path: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    if "endless" in fault:
        monkeypatch.setattr("coursekit.run.exercises.TEST_SECONDS", 2)
    changes, place, said = FAULTS[fault]
    made = small(tmp_path, changes)
    failed = failures(verify_module(made, made.module_by_name["first"], runner))
    assert [message for where, message in failed if where == place and said in message], failed


def test_an_exercise_file_that_no_page_names(tmp_path: Path) -> None:
    made = small(tmp_path, {f"{S1}/solution/src/new.py": "ONE = 1\n"})
    assert found(made) == [f"{S1}/solution/src/new.py:1: exercise-file-not-named"]


def test_a_new_file_that_tests_need_and_one_that_a_block_makes(tmp_path: Path, runner: Runner) -> None:
    text = str(FILES["s1_start/first.md"]).replace("`src/sums.py`", "`src/sums.py`, `src/new.py`, `src/made.txt`")
    made = small(
        tmp_path,
        {
            "s1_start/first.md": text + "\n```bash\ntouch src/made.txt\n```\n",
            f"{S1}/solution/src/new.py": "ONE = 1\n",
            f"{S1}/test_first.py": TEST_FIRST
            + "    from pathlib import Path\n    assert Path('src/new.py').is_file()\n",
        },
    )
    outcomes = verify_module(made, made.module_by_name["first"], runner)
    assert failures(outcomes) == []
    assert "M1: src/new.py:1 undone is noticed" in [outcome.what for outcome in outcomes]


def test_a_skipped_test_is_not_called_passed(tmp_path: Path, runner: Runner) -> None:
    skipping = TEST_FIRST.replace("    done =", "    import pytest; pytest.skip('no engine')\n    done =")
    made = small(tmp_path, {f"{S1}/test_first.py": skipping})
    outcomes = [o for o in verify_module(made, made.module_by_name["first"], runner) if "Greet" in o.what]
    assert [(o.state, o.message) for o in outcomes] == [("skipped", "no engine")] * 3


# The end of a session


def third(removed: str | None, sums: str, superseded: str | None) -> Changes:
    folder = "s2_next/exercises/third"
    return {
        "s2_next/README.md": session("Next", "second", "third"),
        "s2_next/third.md": page("Third steps", {"third": "Third"}, "`src/sums.py`", "[first]"),
        f"{folder}/solution/src/sums.py": sums,
        **({f"{folder}/removed.txt": removed} if removed else {}),
        **({f"{folder}/superseded.txt": superseded} if superseded else {}),
    }


def ends(root: Path, changes: Changes, runner: Runner) -> list[list[Outcome]]:
    made = small(root, changes)
    return [verify_session_end(made, each, runner) for each in made.sessions]


def test_earlier_tests_stay_green(tmp_path: Path, runner: Runner) -> None:
    first, second = ends(tmp_path, {}, runner)
    assert [outcome.what for outcome in first] == ["M1: its tests pass at the end of S1"]
    assert [outcome.what for outcome in second] == [
        "M1: its tests pass at the end of S2",
        "M3: its tests pass at the end of S2",
    ]
    assert {outcome.state for outcome in first + second} == {"passed"}


def test_a_session_that_adds_nothing_is_not_run(tmp_path: Path, runner: Runner) -> None:
    nothing: Changes = {path: None for path in FILES if path.startswith(f"{S2}/")}
    assert ends(tmp_path, nothing, runner)[1] == []


def test_an_earlier_test_broken_by_a_later_module(tmp_path: Path, runner: Runner) -> None:
    first, second = ends(tmp_path, third(None, SUMS_DONE.replace("one + other", "one + other + 0.5"), None), runner)
    assert failures(first) == []
    places = dict(failures(second))
    assert set(places) == {f"{S1}/test_first.py:6", f"{S1}/test_first.py:10", f"{S2}/test_second.py:1"}
    message = places[f"{S1}/test_first.py:6"]
    assert message.startswith("`test_add_up` fails: add(2, 3) is not 5")
    assert "some come from third since" in message
    assert "list `first::test_add_up` in the superseded.txt of the module that makes it obsolete" in message


def test_an_earlier_test_file_broken_by_a_later_module(tmp_path: Path, runner: Runner) -> None:
    _, second = ends(tmp_path, third(None, SUMS_DONE.replace("def double", "def twice"), None), runner)
    ((place, message),) = failures(second)
    assert place == f"{S1}/test_first.py:1"
    assert message.startswith("The tests cannot be imported: a check: cannot import name 'double' from 'sums'")


def test_superseded_tests_may_fail(tmp_path: Path, runner: Runner) -> None:
    broken = SUMS_DONE.replace("add(number, number)", "add(number, 1)")
    _, second = ends(tmp_path, third(None, broken, "# twice is no longer meant\nfirst::test_double_it\n"), runner)
    assert failures(second) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("first::test_add_up", "`first::test_add_up` passes all the same. Delete this line."),
        ("first::test_ad_up", "`first::test_ad_up` is no test of an earlier core module."),
        ("third::test_third", "is no test of an earlier core module"),
        ("test_add_up", "Write `module::test_name`."),
    ],
)
def test_wrong_lines_in_superseded_are_found(line: str, said: str, tmp_path: Path, runner: Runner) -> None:
    _, second = ends(tmp_path, third(None, SUMS_DONE + "# third\n", f"\n{line}\n"), runner)
    ((place, message),) = failures(second)
    assert place == "s2_next/exercises/third/superseded.txt:2"
    assert said in message


# TODOs and the lines that answer them


def undone(starter: str, solution: str) -> list[tuple[list[Marker], str]]:
    return [(list(todo.markers), todo.undone) for todo in todos(starter, solution)]


def test_each_todo_is_undone_by_itself() -> None:
    (add, double) = undone(SUMS, SUMS_DONE)
    assert add == ([Marker(2, "add-up")], SUMS[: SUMS.index("\n\n\n")] + SUMS_DONE[SUMS_DONE.index("\n\n\n") :])
    assert double == ([Marker(7, "double-it")], SUMS_DONE[: SUMS_DONE.index("\n\n\n")] + SUMS[SUMS.index("\n\n\n") :])


def test_what_stands_above_all_todos_stays_as_in_the_solution() -> None:
    starter = "import os\n\ndef f():\n    # TODO (x): g\n    return 1\n"
    solution = "import os\nimport sys\n\ndef f():\n    return sys\n"
    assert undone(starter, solution) == [([Marker(4, "x")], starter.replace("import os\n", "import os\nimport sys\n"))]


def test_an_answer_right_above_its_todo_belongs_to_it() -> None:
    starter = "# usage\n\n# TODO (x): stop\n\na=1\n\n# TODO (y): twice\na=2\n"
    solution = "# usage\nset -e\n\na=1\n\na=4\n"
    assert undone(starter, solution) == [
        ([Marker(3, "x")], "# usage\n\n# TODO (x): stop\n\na=1\n\na=4\n"),
        ([Marker(7, "y")], "# usage\nset -e\n\na=1\n\n# TODO (y): twice\na=2\n"),
    ]


def test_a_change_below_a_todo_belongs_to_it() -> None:
    starter = "# TODO (x): wait\nkept\nold\n\n# TODO (y): more\n"
    solution = "kept\nnew\n\nmore\n"
    assert [text for _, text in undone(starter, solution)] == [
        starter.replace("# TODO (y): more", "more"),
        "kept\nnew\n\n# TODO (y): more\n",
    ]


def test_todos_without_a_line_between_are_undone_together(tmp_path: Path) -> None:
    starter = "# TODO (x): one\n# TODO (y): two\n"
    assert undone(starter, "one\ntwo\n") == [([Marker(1, "x"), Marker(2, "y")], starter)]


# The runner


TESTS = """\
import os
import subprocess
import time
from pathlib import Path


def test_quick():
    assert Path("here.txt").exists()


def test_slow():
    time.sleep(60)


def test_dies():
    os.kill(os.getpid(), 9)


def test_leaves_a_process():
    subprocess.Popen(["sleep", "300.125"])
"""


@pytest.fixture(params=[True, False], ids=["forked", "fresh"])
def either(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param and not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    with Runner(fork=request.param) as made:
        yield made


def project(root: Path) -> tuple[list[Path], Path]:
    write(root / "course", {"test_it.py": TESTS})
    (root / "mine").mkdir()
    (root / "mine/here.txt").touch()
    return [root / "course/test_it.py"], root / "mine"


def states(report: Report) -> dict[str, str]:
    return {result.name: result.outcome for result in report.results}


def test_time_limits(tmp_path: Path, either: Runner) -> None:
    tests, mine = project(tmp_path)
    report = either.run(tests, mine, only=["test_quick", "test_slow"], seconds=0.3)
    assert states(report) == {"test_quick": "passed", "test_slow": "failed"}
    assert (report.trouble, report.failures[0].kind) == ("", "TooSlow")
    begun = time.monotonic()
    report = either.run(tests, mine, only=["test_quick", "test_slow"], limit=3)
    assert time.monotonic() - begun < 20
    assert states(report) == {"test_quick": "passed"}
    assert report.trouble == "The run was stopped in test_slow after 3 s."
    assert states(either.run(tests, mine, only=["test_quick"])) == {"test_quick": "passed"}


def test_a_run_that_dies_says_where(tmp_path: Path, either: Runner) -> None:
    tests, mine = project(tmp_path)
    report = either.run(tests, mine, only=["test_dies"])
    assert report.trouble.startswith("The run ended early in test_dies: ")
    assert states(either.run(tests, mine, only=["test_quick"])) == {"test_quick": "passed"}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks into /proc")
def test_no_process_survives_its_run(tmp_path: Path, either: Runner) -> None:
    tests, mine = project(tmp_path)
    either.run(tests, mine, only=["test_leaves_a_process"])
    deadline = time.monotonic() + 5
    while running := [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"300.125" in read(path)]:
        assert time.monotonic() < deadline, running
        time.sleep(0.05)


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has just ended
        return b""


def test_runs_do_not_see_each_other(tmp_path: Path, either: Runner) -> None:
    """What one run imports, the next one imports anew."""
    (tmp_path / "t").mkdir()
    test = tmp_path / "t/test_value.py"
    test.write_text("def test_value():\n    import value\n    assert value.X == 1\n")
    for value, outcome in ((1, "passed"), (2, "failed"), (1, "passed")):
        folder = tmp_path / f"{value}{outcome}"
        folder.mkdir(exist_ok=True)
        (folder / "value.py").write_text(f"X = {value}\n")
        assert states(either.run([test], folder)) == {"test_value": outcome}


def test_a_server_that_has_died_is_reported(tmp_path: Path) -> None:
    tests, mine = project(tmp_path)
    with Runner(fork=True) as made:
        made.run(tests, mine, only=["test_quick"])
        assert made._server
        made._server.kill()
        made._server.wait()
        assert made.run(tests, mine, only=["test_quick"]).trouble.startswith("The run ended early")


def test_what_is_imported_beforehand(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch.nn\nfrom numpy import array\nimport os\n# import pandas\n")
    assert imported([tmp_path / "a.py"]) == ["numpy", "torch"]


def test_runs_share_a_home_of_their_own(tmp_path: Path) -> None:
    made = small(
        tmp_path,
        {
            f"{S2}/test_second.py": TEST_SECOND
            + "    import os, pathlib\n    assert pathlib.Path.home() != pathlib.Path(os.environ['REAL_HOME'])\n",
            f"{S2}/starter/src/mean.py": MEAN,
        },
    )
    os.environ["REAL_HOME"] = str(Path.home())
    with make_runner(load(made.root), made.modules) as own:
        assert failures(verify_module(made, made.module_by_name["second"], own)) == []


def test_the_exercises_of_the_smallest_edit_run(tmp_path: Path, runner: Runner) -> None:
    """Line endings of Windows, and no line ending at the end."""
    made = small(
        tmp_path,
        {
            HELLO_AT: HELLO.rstrip("\n"),
            f"{S1}/solution/scripts/hello.sh": HELLO_DONE.rstrip("\n"),
            SUMS_AT: SUMS.replace("\n", "\r\n"),
            f"{S1}/solution/src/sums.py": SUMS_DONE.replace("\n", "\r\n"),
        },
    )
    assert failures(verify_module(made, made.module_by_name["first"], runner)) == []
