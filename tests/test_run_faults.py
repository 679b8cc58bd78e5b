"""Pages with a planted fault: each is caught, at the right line, in words that help."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from coursekit.run.outcome import Outcome
from page_runs import bash, console, outcomes, python

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the blocks are run by bash")


def failures(root: Path, text: str, **files: str) -> list[Outcome]:
    return [outcome for outcome in outcomes(root, text, **files) if outcome.state == "failed"]


FAULTS = {
    "wrong output of a command": (
        console("$ echo a\na\n$ printf 'x\\ny\\nz\\n'\nx\nyy\nz"), 12, "something else", "-yy\n+y"),
    "output missing on the page": (console("$ echo a\n$ echo b\nb"), 8, "something else", "+a"),
    "more output than the page shows": (console("$ echo a; echo b\na"), 9, "something else", "+b"),
    "wrong output of Python": (
        python("print('a')") + "<!-- run: output -->\n```text\nb\n```\n", 13, "something else", "-b\n+a"),
    "wrong output of a doctest": (python(">>> 1\n1\n>>> 1 + 1\n3"), 10, "something else", "-3\n+2"),
    "wrong exit code": ("<!-- run: exit=3 -->\n" + bash("exit 4"), 8, "exit code 4, not 3", ""),
    "exit code 0 in place of another": ("<!-- run: exit=3 -->\n" + bash("true"), 8, "exit code 0, not 3", ""),
    "wrong exit code of Python": (python("x = 1\nimport sys\nsys.exit(2)"), 7, "exit code 2, not 0", ""),
    "failing command in the middle": (bash("echo a\ntest -f nowhere\necho b"), 9, "exit code 1", "a"),
    "failing command in a function": (bash("f() {\n  false\n}\nf"), 9, "exit code 1", ""),
    "missing command": (bash("true\nnonsense"), 9, "exit code 127", "nonsense: command not found"),
    "syntax error in bash": (bash("echo a\nif true; then"), 9, "exit code 2", "syntax error"),
    "missing import": (python("x = 1\nimport nowhere"), 9, "No module named 'nowhere'", 'docs/index.md", line 9'),
    "missing name": (python("def f():\n    return y\n\nf()"), 9, "NameError", 'docs/index.md", line 9, in f'),
    "syntax error in Python": (python("x = 1\ny = = 2"), 9, "SyntaxError", "docs/index.md"),
    "wrong raises": ("<!-- run: raises=KeyError -->\n" + python("[][1]"), 9, "KeyError, and raises IndexError", ""),
    "text of an exception": (
        '<!-- run: raises=IndexError expect="no such" -->\n' + python("[][1]"), 8,
        "does not print “no such”", "IndexError"),
    "exception of many lines": (
        python("raise ValueError('2 errors:\\n  a\\n  b')"), 8, "ValueError: 2 errors: a", "b"),
    "nothing raised": ("<!-- run: raises=KeyError -->\n" + python("1"), 8, "raises nothing", ""),
    "broken YAML": ("```yaml\na: 1\nb: [\n```\n", 9, "not YAML", ""),
    "unknown language": ("Text.\n\n```cobol\nx\n```\n", 9, "`cobol` is no language", ""),
    "skip without reason": ("<!-- run: skip -->\n" + bash("x"), 7, "`skip` needs a reason", ""),
    "skip with another reason": ("<!-- run: skip=later -->\n" + bash("x"), 7, "`later` is no reason", ""),
    "hanging bash": ("<!-- run: timeout=0.5 -->\n" + bash("echo a\nsleep 60"), 8, "did not end within 0.5 s", "a"),
    "hanging console": ("<!-- run: timeout=0.5 -->\n" + console("$ sleep 60"), 8, "did not end within 0.5 s", ""),
    "hanging Python": (
        "<!-- run: timeout=0.5 -->\n" + python("print('a', flush=True)\nwhile True: pass"), 8, "did not end", "a"),
    "endless output": ("<!-- run: timeout=20 -->\n" + bash("yes"), 8, "stopped after it had printed", "y"),
    "leaking process of bash": (bash("sleep 71 &"), 7, "leaves a process running", "sleep 71"),
    "leaking process of Python": (
        python("import subprocess\nsubprocess.Popen(['sleep', '72'])"), 7, "leaves a process running", "sleep 72"),
    "leaking part of a block": (bash("{ sleep 74; true; } &"), 7, "leaves a process running", "a part of this very"),
    "deleted folder": (bash('rm -r "$PWD"') + bash("ls"), 11, "the folder in which it would begin is gone", ""),
    "file in place of a folder": ("<!-- run: file=docs -->\n" + bash("x"), 8, "`docs` cannot be written", ""),
    "command that does not end": (console("$ echo a \\\n    b\na b"), 8, "ends in a backslash", ""),
    "text not printed": ('<!-- run: expect="b" -->\n' + bash("echo a"), 8, "does not print “b”", "a"),
    "comment above no block": ("<!-- run: exit=1 -->\n\nText.\n", 7, "stands directly above no block", ""),
    "shell that ends early": (console("$ exit 3\n$ echo a\na"), 9, "does not come to this command", ""),
    "console without a command": (console("ls"), 7, "begins with `$ `", ""),
    "output of nothing": ("<!-- run: output -->\n```text\na\n```\n", 8, "No block stands directly above", ""),
    "lines after exit 0": (bash("echo a\nexit 0\n\n# c\necho b"), 12, "shell has ended on line 2", "a"),
    "lines after a branch that ends": (bash("if true; then\n  exit 0\nfi\necho a"), 11, "has not run", ""),
    "lines after a function that ends": (bash("f() {\n  exit 0\n}\nf\necho a"), 12, "ended on line 4", ""),
    "lines after exec": (bash("exec true\necho a"), 9, "has not run", ""),
    "lines after exit in sh": ("```sh\nexit 0\necho a\n```\n", 9, "has not run", ""),
    "lines after return in sh": ("```sh\nreturn 0\necho a\n```\n", 9, "has not run", ""),
    "return in no function": (bash("echo a\nreturn 0\necho b"), 9, "exit code 2", "can only `return'"),
    "lines after the failure that is meant": ("<!-- run: exit=1 -->\n" + bash("false\necho a"), 10, "has not run", ""),
    "lines that are only read": (bash("set -n\necho a"), 8, "has not run", ""),
    "own trap and lines after exit 0": (bash("trap true EXIT\nexit 0\necho a"), 10, "has not run", ""),
    "here-document that is never closed": (bash("true\ncat <<E\na"), 9, "no line after it is just `E`", "a"),
    "failure after set +e": (bash("set +e\nfalse\necho a"), 9, "after `set +e`", "a"),
    "missing command in a pipeline": (bash("true\nnonsense | cat"), 9, "not there", "nonsense: command not found"),
    "missing command in a substitution": (bash('echo "$(nonsense; echo a)"'), 8, "a command that is not there", "a"),
    "missing command that may fail": (bash("f() {\n  nonsense || true\n}\nf"), 9, "a command that is not there", ""),
    "failing part of a pipeline": (bash("set -o pipefail\nfalse | cat\necho a"), 9, "exit code 1", ""),
    "nothing but a comment": (bash("# a"), 7, "nothing in this block to run", ""),
    "statements after sys.exit": (python("import sys\nsys.exit(0)\n\n# c\nprint(1)"), 12, "has not run", ""),
    "statements after a function that exits": (
        python("def f():\n    raise SystemExit\n\n\nif __name__ == '__main__':\n    f()\nprint(1)"), 14, "not run", ""),
    "statements after the exception that is meant": (
        "<!-- run: raises=KeyError -->\n" + python("{}[1]\nprint(1)"), 10, "has not run", ""),
    "examples after sys.exit": (python(">>> import sys\n>>> sys.exit(0)\n>>> 1\n2"), 10, "has not run", ""),
    "main that fails": (python("if __name__ == '__main__':\n    1 / 0"), 9, "ZeroDivisionError", ""),
    "doctest without an example": ("```pycon\nprint(1)\n```\n", 7, "begins with `>>> `", ""),
    "output of which nothing is said": (bash("echo a") + "```output\n...\n```\n", 11, "compares nothing", ""),
    "failing command of which nothing is said": (console("$ false\n..."), 8, "fails (exit code 1)", ""),
    "snippet that is not there": ('```bash\n--8<-- "scripts/x.sh"\n```\n', 8, "cannot be read", ""),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught_at_its_line(fault: str, tmp_path: Path) -> None:
    text, line, said, shown = FAULTS[fault]
    (failure,) = failures(tmp_path, text)
    assert (failure.path, failure.line) == ("docs/index.md", line)
    assert said in failure.message
    assert shown in failure.output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where orphans come from")
def test_a_daemon_is_found_and_ended(tmp_path: Path) -> None:
    (failure,) = failures(tmp_path, bash("(setsid sleep 73 > /dev/null 2>&1 < /dev/null &)\nexit 0"))
    assert failure.output == "sleep 73"
    assert "sleep 73" not in [
        place.read_bytes().replace(b"\0", b" ").decode().strip() for place in Path("/proc").glob("[0-9]*/cmdline")
    ]


def test_a_fault_in_a_snippet_is_shown_in_its_file(tmp_path: Path) -> None:
    text = python('x = 1\n--8<-- "s1_start/x.py"\nx = 2')
    (failure,) = failures(tmp_path, text, **{"s1_start/x.py": "# a comment\n\nraise ValueError('here')\n"})
    assert (failure.path, failure.line) == ("s1_start/x.py", 3)
    assert "raise ValueError('here')" in failure.output


def test_a_fault_in_a_quote_is_shown_without_the_quote(tmp_path: Path) -> None:
    (failure,) = failures(tmp_path, "> ```python\n> def f():\n>     1 / 0\n>\n> f()\n> ```\n")
    assert failure.line == 9
    assert "\n    1 / 0\n" in failure.output


def test_after_a_fault_the_page_goes_on(tmp_path: Path) -> None:
    text = python("x = 1") + python("nowhere") + python("assert x == 1") + bash("false") + bash("true")
    assert [outcome.state for outcome in outcomes(tmp_path, text)] == ["passed", "failed", "passed", "failed", "passed"]


def test_blocks_behind_the_end_of_python_say_so(tmp_path: Path) -> None:
    text = python("import os\nos._exit(3)") + python("x = 1") + bash("true")
    first, second, third = outcomes(tmp_path, text)
    assert "ends the whole of Python (exit code 3)" in first.message
    assert "has not run: the page's Python has ended with the block at docs/index.md:7" in second.message
    assert third.state == "passed"


def test_output_of_a_failed_block_is_not_called_compared(tmp_path: Path) -> None:
    text = python("print('a')\n1 / 0") + "<!-- run: output -->\n```text\na\n```\n"
    assert "not compared" in failures(tmp_path, text)[1].message


@pytest.mark.parametrize(("ci", "state"), [("true", "failed"), ("", "skipped")])
def test_without_an_engine_it_is_said_loudly(
    ci: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coursekit.run.pages.engine", lambda: None)
    monkeypatch.setenv("CI", ci)
    (outcome,) = outcomes(tmp_path, "<!-- run: skip=engine -->\n" + bash("docker build ."))
    assert outcome.state == state
    assert "not run" in outcome.message
