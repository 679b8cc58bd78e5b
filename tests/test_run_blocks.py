"""Blocks: every fence is claimed, however nested or attributed, and what is wrong with one is found at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.load import load
from coursekit.run.blocks import Block, blocks, loose_marks
from coursekit.run.ceilings import totals
from coursekit.run.formats import FormatError, read
from coursekit.run.languages import Kind
from coursekit.run.marks import MarkError, parse
from courses import write
from page_runs import FRONT


def found(root: Path, text: str, **files: str) -> tuple[Block, ...]:
    course = load(write(root, {"docs/index.md": FRONT + text, **files}))
    return blocks(course.page_by_path["docs/index.md"], course.root)


def one(root: Path, text: str, **files: str) -> Block:
    (block,) = found(root, text, **files)
    return block


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx = 1\nif x:\n    pass\n```\n",
        '```python title="x.py" hl_lines="1"\nx = 1\nif x:\n    pass\n```\n',
        "``` { .python .annotate }\nx = 1\nif x:\n    pass\n```\n",
        "```{.python title='x'}\nx = 1\nif x:\n    pass\n```\n",
        "~~~~ PY\nx = 1\nif x:\n    pass\n~~~~\n",
        "/// tab | Linux\n\n```python\nx = 1\nif x:\n    pass\n```\n\n///\n",
        "<details markdown><summary>Hint</summary>\n\n```python\nx = 1\nif x:\n    pass\n```\n\n</details>\n",
        "> [!TIP]\n> ```python\n> x = 1\n> if x:\n>     pass\n> ```\n",
        "> > ```python\n> > x = 1\n> > if x:\n> >     pass\n> > ```\n",
        "- ```python\n  x = 1\n  if x:\n      pass\n  ```\n",
        "1. text\n\n    ```python\n    x = 1\n    if x:\n        pass\n    ```\n",
        "```python\r\nx = 1\r\nif x:\r\n    pass\r\n```\r\n",
    ],
)
def test_every_fence_is_claimed_without_what_nests_it(text: str, tmp_path: Path) -> None:
    block = one(tmp_path, text)
    assert (block.language, block.kind, block.problems) == ("python", Kind.RUN, ())
    assert block.text == "x = 1\nif x:\n    pass\n"
    lines = (tmp_path / "docs/index.md").read_text(encoding="utf-8").splitlines()
    assert all(line.strip() in lines[place.line - 1] for line, place in block.lines)


def test_a_fence_within_a_longer_fence_is_its_text(tmp_path: Path) -> None:
    block = one(tmp_path, "````markdown\n<!-- run: skip=nonsense -->\n```cobol\nx\n```\n````\n")
    assert (block.kind, block.problems) == (Kind.SHOWN, ())


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("```cobol\nx\n```\n", 7, "`cobol` is no language"),
        ("```pyhton\nx\n```\n", 7, "Did you mean `python`?"),
        ("```shell\nx\n```\n", 7, "Did you mean `bash`?"),
        ("```\nx\n```\n", 7, "no language"),
        ("```powershell\nx\n```\n", 7, "skip=windows"),
        ("```python\nx = 1\n", 7, "never closed"),
        ("<!-- run: skip -->\n```bash\nx\n```\n", 7, "`skip` needs a reason"),
        ("<!-- run: skip= -->\n```bash\nx\n```\n", 7, "`skip` needs a reason"),
        ("<!-- run: skip=lazy -->\n```bash\nx\n```\n", 7, "`lazy` is no reason"),
        ("Text.\n\n<!-- run: skip=networks -->\n\n```bash\nx\n```\n", 9, "Did you mean `network`?"),
        ("<!-- run skip=gpu -->\n```bash\nx\n```\n", 7, "does nothing"),
        ("Text.\n\n> <!-- Output -->\n> ```text\n> x\n> ```\n", 9, "does nothing"),
        ("> <!-- run: slow -->\n> ```bash\n> x\n> ```\n", 7, "`slow` is no mark"),
        ("<!-- run: raises=ValueError -->\n```bash\nx\n```\n", 7, "`raises` means nothing for bash"),
        ('```python\n--8<-- "docs/gone.py"\n```\n', 8, "`docs/gone.py` cannot be read"),
    ],
)
def test_what_is_wrong_with_a_block_is_said_at_its_line(text: str, line: int, said: str, tmp_path: Path) -> None:
    (problem,) = one(tmp_path, text).problems
    assert (problem.location.path, problem.location.line) == ("docs/index.md", line)
    assert said in problem.message


def test_a_mark_above_no_fence_is_found(tmp_path: Path) -> None:
    course = load(write(tmp_path, {"docs/index.md": FRONT + "<!-- run: exit=1 -->\nText.\n\n```text\nx\n```\n"}))
    page = course.page_by_path["docs/index.md"]
    assert [page.at(mark.span.start).line for mark in loose_marks(page)] == [7]


def test_marks_are_read() -> None:
    marks = parse(
        "skip=gpu, raises=json.JSONDecodeError exit=3, file=a/b.py expect='two words' timeout=0.5 output hidden"
    )
    assert (marks.skip, marks.raises, marks.exit, marks.file) == ("gpu", "json.JSONDecodeError", 3, "a/b.py")
    assert (marks.expect, marks.timeout, marks.output, marks.hidden) == ("two words", 0.5, True, True)


@pytest.mark.parametrize(
    "text",
    ["", "exit=x", "exit=256", "file=/etc/passwd", "file=../x", "timeout=0", "timeout=1e9", "output=x", "expect=",
     "raises=a-b", "exit=1 exit=2", "exit=1 ; rm", 'expect="open'],
)  # fmt: skip
def test_marks_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(MarkError):
        parse(text)


def test_snippets_are_put_in_with_their_own_lines(tmp_path: Path) -> None:
    code = "a = 1\n# --8<-- [start:middle]\nb = 2\nc = 3\n# --8<-- [end:middle]\nd = 4\n"
    text = (
        '```python\n--8<-- "s1_start/x.py"\n```\n\n```python\nz = 0\n--8<-- "s1_start/x.py:middle"\n```\n\n'
        '```python\n--8<-- "s1_start/x.py:1:1,6"\n```\n\n```text\n;--8<-- "x"\n```\n'
    )
    whole, part, ranges, escaped = found(tmp_path, text, **{"s1_start/x.py": code})
    assert whole.text == "a = 1\nb = 2\nc = 3\nd = 4\n"
    assert [(place.path, place.line) for _, place in part.lines] == [
        ("docs/index.md", 12),
        ("s1_start/x.py", 3),
        ("s1_start/x.py", 4),
    ]
    assert ranges.text == "a = 1\nd = 4\n"
    assert escaped.text == '--8<-- "x"\n'


@pytest.mark.parametrize(
    ("language", "text", "line"),
    [
        ("yaml", "a: 1\nb: [1\nc: 2\n", 3),
        ("yaml", "a: 1\n---\nb: : 2\n", 3),
        ("toml", "a = 1\nb = \n", 2),
        ("json", '{\n  "a": 1,\n}\n', 3),
        ("ini", "[a]\nb = 1\n[a]\n", 3),
        ("csv", "a,b\n1,2\n3\n", 3),
        ("dockerfile", "FROM x\nRUN a \\\n  b\nRUNN c\n", 4),
        ("dockerfile", "# x\nRUN a\n", 2),
        ("dockerfile", "FROM x\nRUN <<EOF\na\n", 2),
        ("dockerfile", "FROM x\nUSER\n", 2),
        ("python", "a = 1\nb = (\n", 2),
        ("bash", "a\nif b\n", 3),
        ("workflow", "name: x\non: push\njobs:\n  a:\n    runs-on: x\n    step: []\n", 5),
    ],
)
def test_broken_data_is_found_at_its_line(language: str, text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        read(language, text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("yaml", "a: 1\n---\nb: 2\n"),
        ("toml", "[a]\nb = 1979-05-27\n"),
        ("json", "[1]\n"),
        ("ini", "[a]\nb = 1\nc\n"),
        ("csv", 'a,b\n"1,2",3\n'),
        (
            "dockerfile",
            "# syntax\nARG V=1\nFROM x:$V AS y\nRUN a && \\\n  # why\n\n  b\nRUN <<EOF\nwhat ever\nEOF\nUSER 1\n",
        ),
        ("workflow", "name: x\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: a\n"),
    ],
)
def test_good_data_is_read(language: str, text: str) -> None:
    read(language, text)


def test_a_workflow_is_known_by_its_title(tmp_path: Path) -> None:
    assert one(tmp_path, '```yaml title=".github/workflows/test.yml"\non: push\n```\n').language == "workflow"


def test_totals_count_apart_and_hold_the_ceilings(tmp_path: Path) -> None:
    run = "```bash\ntrue\n```\n\n"
    text = run * 17 + (
        "<!-- run: skip=network -->\n```bash\nx\n```\n\n<!-- run: skip=illustrative -->\n```python\nx\n```\n\n"
        "<!-- run: skip=gpu -->\n```bash\nx\n```\n\n<!-- run: skip=windows -->\n```powershell\nx\n```\n\n"
        "<!-- run: file=x.sh -->\n```bash\nx\n```\n\n```yaml\na: 1\n```\n\n```text\nx\n```\n\n"
        "```python\nx\n```\n\n<!-- run: output -->\n```text\nx\n```\n\n```cobol\nx\n```\n"
    )
    counted = totals(found(tmp_path, text))
    assert counted.states == {"run": 18, "skipped": 4, "parsed": 2, "shown": 1, "compared": 1, "wrong": 1}
    assert (counted.runnable, counted.skipped, counted.illustrative) == (21, 3, 1)
    assert [verdict.partition(" ")[0] for verdict in counted.broken()] == ["14.3%", "4.8%"]
    held = totals(found(tmp_path, run * 9 + "<!-- run: skip=gpu -->\n```bash\nx\n```\n"))
    assert list(held.broken()) == []
