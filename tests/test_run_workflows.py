"""The workflows of pages and solutions, written out for other linters."""

from __future__ import annotations

from pathlib import Path

from coursekit.__main__ import main
from courses import write
from page_runs import FRONT

WORKFLOW = "on: push\njobs: {}\n"


def test_shown_and_solved_workflows_are_written_and_skipped_ones_are_not(tmp_path: Path) -> None:
    page = FRONT + f'```yaml title=".github/workflows/a.yml"\n{WORKFLOW}```\n\n```yaml\nname: no workflow\n```\n\n'
    page += f"<!-- run: skip=illustrative -->\n```workflow\n{WORKFLOW}```\n"
    solved = "s1_start/exercises/first/solution/.github/workflows/b.yaml"
    course = write(tmp_path / "course", {"docs/index.md": page, solved: "on: pull_request\njobs: {}\n"})
    assert main(["verify", "--root", str(course), "--workflows", str(tmp_path / "out")]) == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
    assert written == {
        "docs--index.md-line-7.yml": WORKFLOW,
        f"{solved.replace('/', '--')}": "on: pull_request\njobs: {}\n",
    }
