"""Pages that are right run green: what goes on from block to block, what is compared, what is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coursekit.__main__ import main
from coursekit.load import load
from coursekit.run.compare import first_difference
from coursekit.run.pages import run_page
from coursekit.run.place import remove
from courses import MINIMAL, write
from page_runs import FRONT, bash, console, outcomes, python, states

ROOT = Path(__file__).resolve().parent.parent
posix = pytest.mark.skipif(os.name == "nt", reason="the blocks are run by bash")
pytestmark = posix


def test_python_names_go_on_and_modules_behave(tmp_path: Path) -> None:
    text = python("from dataclasses import dataclass\nx = 1") + python(
        "import inspect, pickle, sys\n@dataclass\nclass A:\n    b: int\n\n"
        "assert pickle.loads(pickle.dumps(A(x))) == A(1)\n"
        "def f():\n    return 7\n\nassert 'return 7' in inspect.getsource(f)\n"
        "assert __name__ == '__main__' and sys.stdin.read() == ''"
    )
    assert states(tmp_path, text) == ["passed", "passed"]


def test_directory_and_exported_variables_go_on_in_every_language(tmp_path: Path) -> None:
    text = (
        bash("mkdir 'a b'; cd 'a b'\nexport X='1\n2'\ny=3")
        + console('$ echo "$X$y"\n1\n2\n$ basename "$PWD"\na b')
        + python("import os\nassert os.environ['X'] == '1\\n2'\nassert os.getcwd().endswith('a b')")
        + python("os.mkdir('c')\nos.chdir('c')")
        + "```sh\ntest \"$(basename \"$PWD\")\" = c && unset X\n```\n\n"
        + console("$ echo \"[$X]\"\n[]")
    )  # fmt: skip
    assert states(tmp_path, text) == ["passed"] * 6


def test_whatever_happens_to_a_block_the_next_one_begins_where_it_was(tmp_path: Path) -> None:
    stay = bash("mkdir a\ncd a") + "<!-- run: raises=ValueError -->\n" + python("raise ValueError")
    text = stay + "<!-- run: exit=1 -->\n" + python("raise SystemExit('no')") + python(">>> 1\n1")
    where = console("$ pwd\n.../course/a")
    gone = python("import os, shutil\nshutil.rmtree(os.getcwd())") + console("$ pwd\n.../course")
    assert states(tmp_path, text + where + gone) == ["passed"] * 7


def test_a_page_begins_in_a_copy_of_the_course(tmp_path: Path) -> None:
    text = bash("rm mkdocs.yml; cp -R s1_start ../mine; cd ../mine; test -f first.md; test -w first.md") + console(
        "$ cd; ls -A\n$ pwd\n.../home"
    )
    assert states(tmp_path, text) == ["passed", "passed"]
    assert (tmp_path / "course/mkdocs.yml").exists()


def test_a_console_block_is_a_conversation(tmp_path: Path) -> None:
    text = console(
        "$ batch=1\n$ false\n$ echo $?\n1\n$ for i in a b; do\n>   echo $i\n> done\na\nb\n$ cat <<E\n> x   y\n"
        "> E\nx y\n$ nonsense\nbash: nonsense: command not found\n"
        "$ printf '\\033[1mbold\\033[0m\\n'\nbold\n$ seq 100\n1\n...\n100\n"
        "$ echo took 3.14 s\ntook ... s\n$ echo to stderr >&2\nto stderr\n$ f() { return 4; }; f"
    )
    assert states(tmp_path, "<!-- run: exit=4 -->\n" + text) == ["passed"]


def test_marks_say_what_is_meant(tmp_path: Path) -> None:
    text = (
        "<!-- run: exit=3 -->\n" + bash("exit 3")
        + "<!-- run: exit=2 -->\n" + python("import sys\nsys.exit(2)")
        + "<!-- run: raises=ValueError -->\n" + python("import json\njson.loads('{')")
        + '<!-- run: expect="two words" -->\n' + bash("echo 'it prints two  words'")
        + "<!-- run: skip=gpu -->\n" + python("import nowhere")
        + "<!-- run: file=made/x.py -->\n" + python("y = 7")
        + python("import sys\nsys.path.insert(0, 'made')\nimport x\nassert x.y == 7")
    )  # fmt: skip
    assert states(tmp_path, text) == ["passed"] * 4 + ["skipped: gpu", "parsed", "passed"]


def test_what_python_says_at_its_end_is_printed(tmp_path: Path) -> None:
    text = (
        "<!-- run: raises=ZeroDivisionError -->\n" + python("print('a')\n1 / 0")
        + "<!-- run: output -->\n```text\na\nTraceback (most recent call last):\n...\n"
        "ZeroDivisionError: division by zero\n```\n\n"
        + '<!-- run: exit=1 expect="no file" -->\n' + python("raise SystemExit('no file')")
        + "<!-- run: exit=255 -->\n" + python("raise SystemExit(-1)")
        + "<!-- run: raises=SystemExit -->\n" + python("raise SystemExit(2)")
        + python(">>> raise ValueError('a\\nb')\nTraceback (most recent call last):\nValueError: a\nb")
    )  # fmt: skip
    assert states(tmp_path, text) == ["passed", "compared", "passed", "passed", "passed", "passed"]


FAILS = "<!-- run: exit=1 -->\n"
WHOLE = {
    "exit at the end": bash("echo a\nexit 0"),
    "exit of a branch at the end": bash("if true; then\n  exit 0\nelse\n  echo a\nfi\n# c"),
    "exit in a loop at the end": bash("for i in 1 2; do\n  [ $i = 1 ] || exit 0\ndone"),
    "exit of a subshell": bash("(exit 0) && (exit 3) || true\ntest -d docs"),
    "exit in sh": "```sh\nif test -d docs; then\n  exit 0\nfi\n```\n",
    "exit that is meant": "<!-- run: exit=3 -->\n" + bash("false || exit 3"),
    "command on many lines that is meant to fail": FAILS + bash("echo a\nls \\\n  nowhere \\\n  | grep b"),
    "here-document of a command that is meant to fail": FAILS + bash("python3 - <<E\nprint\nexit(1)\nE"),
    "quotes of a command that is meant to fail": FAILS + bash("python3 -c '\nprint\nexit(1)\n'"),
    "exec at the end, and of streams": bash("exec 3>&1\necho a >&3\nexec true"),
    "streams that close nothing of ours": bash("set -Cu\necho a > made\nexec > made.2 2>&1"),
    "backslash at the end": bash("echo a \\"),
    "pipeline that is read in part": bash("yes | head -n 1"),
    "failure of which the block takes care": bash("! false\nif false; then true; fi\nfalse || true\nfalse | cat"),
    "question after a command": bash("if ! command -v nonsense; then\n  true\nfi"),
    "exit at the end of Python": python("def main():\n    raise SystemExit\n\n\nmain()"),
    "any output of a command": console("$ echo a\n..."),
    "part of an output": bash("echo a; echo b") + "```output\na\n...\n```\n",
}  # fmt: skip


@pytest.mark.parametrize("whole", WHOLE)
def test_what_has_run_whole_passes(whole: str, tmp_path: Path) -> None:
    assert [state for state in states(tmp_path, WHOLE[whole]) if state not in ("passed", "compared")] == []


@pytest.mark.parametrize("end", ["", "\nexit 0"])
def test_a_trap_of_the_blocks_own_hides_nothing_from_the_next(end: str, tmp_path: Path) -> None:
    text = bash(f"trap 'echo bye' EXIT\ncd docs\nexport X=1{end}") + "```output\nbye\n```\n\n"
    assert states(tmp_path, text + console("$ echo $X; pwd\n1\n.../docs")) == ["passed", "compared", "passed"]


def test_a_trap_of_a_console_blocks_own_hides_nothing(tmp_path: Path) -> None:
    text = console("$ trap 'echo bye' EXIT\n$ export X=1") + console("$ echo $X\n1")
    assert states(tmp_path, text) == ["passed", "passed"]


def test_the_code_of_a_blocks_own_trap_counts(tmp_path: Path) -> None:
    (state,) = states(tmp_path, bash("trap 'exit 4' EXIT\ntrue"))
    assert state.startswith("failed: It ends with exit code 4")


def test_both_streams_are_in_order(tmp_path: Path) -> None:
    assert states(tmp_path, console("$ python3 -c \"print(1); import sys; sys.stderr.write('2')\"\n1\n2")) == ["passed"]


def test_tracing_shows_nothing_of_ours(tmp_path: Path) -> None:
    text = bash("set -x; cd docs") + "<!-- run: output -->\n```text\n+ cd docs\n```\n\n" + console("$ set -x")
    assert states(tmp_path, text + console("$ pwd\n.../docs")) == ["passed", "compared", "passed", "passed"]


def test_output_is_compared_where_it_is_said(tmp_path: Path) -> None:
    text = (
        python("import subprocess\nprint('a  b', flush=True)\n_ = subprocess.run(['echo', 'c'])")
        + "<!-- run: output -->\n```text\na b\nc\n```\n\n"
        + bash("echo x; echo y >&2")
        + "```output\nx\n...\n```\n\n```text\nnever printed\n```\n"
    )
    assert states(tmp_path, text) == ["passed", "compared", "passed", "compared", "shown"]


def test_doctests_are_compared(tmp_path: Path) -> None:
    text = python(">>> x = {1: 2}\n>>> x\n{1: 2}\n>>> for i in range(2):\n...     print(i)\n0\n1") + (
        "```pycon\n>>> x[3]\nTraceback (most recent call last):\n  ...\nKeyError: 3\n>>> print('a b c')\na ... c\n```\n"
    )
    assert states(tmp_path, text) == ["passed", "passed"]


def test_data_is_read_and_text_is_shown(tmp_path: Path) -> None:
    data = {"yaml": "a: 1", "toml": "a = 1", "json": "{}", "dockerfile": "FROM x", "diff": "+a"}
    text = "".join(f"```{language}\n{inside}\n```\n\n" for language, inside in data.items())
    assert states(tmp_path, text) == ["parsed"] * 4 + ["shown"]


def test_a_later_module_begins_in_the_project(tmp_path: Path) -> None:
    page = (MINIMAL / "s1_start/first.md").read_text(encoding="utf-8")
    talk = console("$ ls\na.txt\nb.txt\n$ cat a.txt\ndone\n$ ls ..\ncourse\nhome\nmailroom")
    second = page.replace("# First steps", "# Second").replace("## Exercises", f"{talk}## Exercises")
    files = {
        "s1_start/README.md": "---\nmodules: [first, second]\n---\n\n# Start\n",
        "s1_start/second.md": second,
        "s1_start/exercises/first/starter/a.txt": "TODO\n",
        "s1_start/exercises/first/starter/b.txt": "b\n",
        "s1_start/exercises/first/solution/a.txt": "done\n",
    }
    course = load(write(tmp_path, files))
    (outcome,) = (o for o in run_page(course, course.page_by_path["s1_start/second.md"]) if o.what == "console")
    assert outcome.state == "passed"


@pytest.mark.parametrize(
    ("expected", "real", "index"),
    [
        (["a"], ["a", ""], None),
        (["a", "", "b"], ["a", "b"], 1),
        (["  92 3"], ["     92 3"], None),
        (["92 3"], ["     92 3"], 0),
        (["a", "..."], ["a"], None),
        (["...", "b", "...", "c"], ["x", "b", "b", "y", "c"], None),
        (["...", "d"], ["x", "c"], 1),
        (["a...c", "b"], ["abc", "x"], 1),
        (["bash: line 1: x: y"], ["bash: line 12: x: y"], None),
        ([], ["a"], 0),
    ],
)
def test_lines_are_compared_as_people_read_them(expected: list[str], real: list[str], index: int | None) -> None:
    assert first_difference(expected, real) == index


def verify(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coursekit", "verify", "--root", str(course), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tools"), "TMPDIR": str(course.parent / "scratch")}
    (course.parent / "scratch").mkdir(exist_ok=True)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_verify_says_what_ran_and_leaves_nothing(tmp_path: Path) -> None:
    text = FRONT + bash("echo a") + "```yaml\na: 1\n```\n\n" + python("print(1)")
    course = write(tmp_path / "course", {"docs/index.md": text})
    done = verify(course)
    assert (done.returncode, done.stderr) == (0, "")
    assert "docs/index.md: 2 run, 1 parsed (" in done.stdout
    assert "the ceiling for skipped blocks: holds" in done.stdout
    assert list((tmp_path / "scratch").iterdir()) == []


def test_verify_shows_failures_whole_and_ends_with_one(tmp_path: Path) -> None:
    course = write(tmp_path / "course", {"docs/index.md": FRONT + console("$ echo a; echo b\na\nc")})
    done = verify(course, "--jobs", "1")
    assert done.returncode == 1
    assert "\ndocs/index.md:10: console: failed: It prints something else than the page says.\n" in done.stdout
    assert "    -c\n    +b\n" in done.stdout


def test_verify_lists_without_running(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = FRONT + bash("touch ran") + "<!-- run: skip=gpu -->\n" + python("x")
    course = write(tmp_path, {"docs/index.md": text})
    assert main(["verify", "--root", str(course), "--list"]) == 1
    out = capsys.readouterr().out
    assert "docs/index.md:7  bash        run\n" in out
    assert "docs/index.md:12  python      skipped   gpu\n" in out
    assert "1 of 2 that could run are skipped (50.0%" in out
    assert "at most 10% may be" in out
    assert main(["verify", "--root", str(course), "--list", "--session", "s1"]) == 0
    assert "docs/index.md" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--session", "s7"], "no session `s7`"), (["--module", "frist"], "Did you mean `first`?")],
)
def test_verify_of_what_is_not_there_is_misuse(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--root", str(write(tmp_path, {})), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_nothing_is_recorded_where_a_ceiling_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (MINIMAL / "s1_start/first.md").read_text(encoding="utf-8") + "\n" + bash("true")
    files = {"s1_start/first.md": page, "docs/index.md": FRONT + "<!-- run: skip=gpu -->\n" + bash("x")}
    assert main(["verify", "--root", str(write(tmp_path, files)), "--record"]) == 1
    assert "not recorded: s1_start/first.md: something failed in this run" in capsys.readouterr().out


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["verify", "--root", str(tmp_path)]) == 2
    assert "coursekit[run]" in capsys.readouterr().err


@pytest.mark.parametrize("sign", ["INT", "TERM", "HUP"])
def test_an_interruption_leaves_nothing(sign: str, tmp_path: Path) -> None:
    marker = f"sleep 4{os.getpid()}"
    text = FRONT + bash(f"touch $HOME/../../../began; setsid {marker} & {marker}")
    course = write(tmp_path / "course", {"docs/index.md": text})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tools"), "TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "coursekit", "verify", "--root", str(course)]
    number = getattr(signal, f"SIG{sign}")

    def heed() -> None:  # whoever started the tests may ignore it, as `nohup` does, and children inherit that
        signal.signal(number, signal.SIG_DFL)

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, preexec_fn=heed, **pipes) as process:
        deadline = time.monotonic() + 30
        while not (scratch / "began").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Stopped" in said
    assert [path.name for path in scratch.iterdir()] == ["began"]
    if sys.platform == "linux":
        assert marker not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where orphans come from")
def test_a_page_whose_process_dies_is_a_failure_and_leaves_nothing(tmp_path: Path) -> None:
    marker = f"sleep 5{os.getpid()}"
    text = FRONT + bash(f"{marker} &\nkill -9 $PPID\nsleep 60")
    done = verify(write(tmp_path / "course", {"docs/index.md": text, "docs/two.md": FRONT + bash("true")}))
    assert done.returncode == 1
    assert "docs/index.md:1: error: failed: Its process ended before its time." in done.stdout
    assert "docs/two.md: 1 run" in done.stdout
    assert list((tmp_path / "scratch").iterdir()) == []
    assert marker not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_pytest_shows_each_block_as_a_test(tmp_path: Path) -> None:
    text = FRONT + bash("x=1; mkdir a; cd a") + bash("false") + bash("test $(basename $PWD) = a") + "```text\nx\n```\n"
    course = write(tmp_path, {"docs/index.md": text.replace("\n", "\r\n")})
    said = run_pytest(course)
    assert "1 failed, 3 passed" in said
    assert "docs/index.md:12: bash: failed: It ends with exit code 1, not 0." in said
    assert "1 passed, 3 deselected" in run_pytest(course, "-k", "line:15")


def run_pytest(course: Path, *arguments: str) -> str:
    options = ["-q", "-p", "coursekit.run.pytest_pages", "-p", "no:cacheprovider", *arguments]
    command = [sys.executable, "-m", "pytest", *options, "docs"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tools")}
    return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False).stdout


WORKFLOW = """<!-- run: steps -->
```workflow
on: push
permissions: {{}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Greet
        run: |
          echo hello > greeting.txt
      - name: Look
        run: {look}
```

```bash
cat greeting.txt
```
"""


def test_the_steps_of_a_workflow_are_run_in_the_folder_of_the_page(tmp_path: Path) -> None:
    assert states(tmp_path, WORKFLOW.format(look="grep -q hello greeting.txt")) == ["passed", "passed"]


def test_a_failing_step_is_reported_at_its_own_line(tmp_path: Path) -> None:
    failed = outcomes(tmp_path, WORKFLOW.format(look="grep -q goodbye greeting.txt"))[0]
    line = (FRONT + WORKFLOW).splitlines().index("      - name: Look") + 1
    assert (failed.state, failed.line) == ("failed", line)
    assert "“Look”" in failed.message


def test_a_workflow_without_a_step_that_runs_here_has_not_run(tmp_path: Path) -> None:
    text = WORKFLOW.format(look="true").replace("run: |\n          echo hello > greeting.txt", "uses: a/b@v1")
    (only, _) = states(tmp_path, text.replace("- name: Look\n        run: true", "- uses: c/d@v1"))
    assert only.startswith("failed: None of its steps can be run here")


def test_what_is_mounted_is_taken_off_and_not_emptied(tmp_path: Path) -> None:
    kept, folder = tmp_path / "kept", tmp_path / "folder"
    (kept / "file").mkdir(parents=True)
    (folder / "inner").mkdir(parents=True)
    mounted = subprocess.run(["mount", "--bind", kept, folder / "inner"], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    remove(folder)
    assert (kept / "file").is_dir()
    assert not folder.exists()
