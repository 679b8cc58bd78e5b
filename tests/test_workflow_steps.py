"""The `run:` steps of a workflow, run here: what passes, what fails, and what is never called run."""

from __future__ import annotations

import os
import textwrap
import time
from pathlib import Path

import pytest

from coursekit.run.workflow_steps import StepOutcome, run_steps

pytestmark = pytest.mark.skipif(os.name == "nt", reason="steps run in bash")
ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def _run(tmp_path: Path, steps: str, head: str = "", **options: float) -> list[StepOutcome]:
    job = "jobs:\n  test:\n    runs-on: ubuntu-latest\n" + textwrap.indent(textwrap.dedent(head), "    ")
    text = "on: push\n" + job + "    steps:\n" + textwrap.indent(textwrap.dedent(steps), "      ")
    return run_steps(text, tmp_path, ENV, **options)


def _states(outcomes: list[StepOutcome]) -> list[str]:
    return [outcome.state for outcome in outcomes]


def test_steps_run_in_order_with_their_variables(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    outcomes = _run(
        tmp_path,
        """\
        - uses: actions/checkout@v5
        - name: Write
          env: {NAME: mailroom, WHO: "${{ env.TEAM }}"}
          working-directory: sub
          run: |
            echo "$NAME $WHO ${{ matrix.python }}" > here.txt
            echo "LATER=from before" >> "$GITHUB_ENV"
            echo "size=3" >> "$GITHUB_OUTPUT"
          id: write
        - run: cat sub/here.txt && echo "$LATER ${{ steps.write.outputs.size }}"
        """,
        head="env: {TEAM: sorters}\nstrategy: {matrix: {python: ['3.11', '3.12']}}\n",
    )
    assert _states(outcomes) == ["not run", "passed", "passed"]
    assert "actions/checkout@v5" in outcomes[0].message
    assert outcomes[2].output == "mailroom sorters 3.11\nfrom before 3\n"
    assert [outcome.line for outcome in outcomes] == [8, 9, 17]
    assert [outcome.name for outcome in outcomes][1:] == [
        "Write",
        'Run cat sub/here.txt && echo "$LATER ${{ steps.write.outputs.size }}"',
    ]


def test_a_failure_ends_the_job_but_not_what_must_always_run(tmp_path: Path) -> None:
    outcomes = _run(
        tmp_path,
        """\
        - run: |
            echo before
            exit 3
        - run: echo never
        - if: always()
          run: echo always
        - if: ${{ failure() }}
          run: echo failure
        - if: success()
          run: echo success
        """,
    )
    assert _states(outcomes) == ["failed", "skipped", "passed", "passed", "skipped"]
    assert outcomes[0].message == "it ended with exit code 3"
    assert outcomes[0].output == "before\n"


def test_a_failure_that_may_be(tmp_path: Path) -> None:
    assert _states(_run(tmp_path, "- run: exit 1\n  continue-on-error: true\n- run: echo on\n")) == ["failed", "passed"]


def test_the_first_failing_command_fails_the_step(tmp_path: Path) -> None:
    assert _states(_run(tmp_path, "- run: |\n    false\n    echo on\n")) == ["failed"]


@pytest.mark.parametrize(("shell", "state"), [("", "passed"), ("shell: bash", "failed"), ("shell: sh", "passed")])
def test_pipes_fail_as_they_do_on_github(tmp_path: Path, shell: str, state: str) -> None:
    assert _states(_run(tmp_path, f"- run: false | true\n  {shell}\n")) == [state]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("run: echo ${{ secrets.TOKEN }}", "secrets.TOKEN"),
        ("run: echo ${{ matrix.gone }}", "matrix.gone"),
        ("run: echo ${{ format('{0}', env.A) }}", "format"),
        ("{run: echo, if: github.ref == 'refs/heads/main'}", "refs/heads/main"),
        ("{run: echo, shell: pwsh}", "pwsh"),
        ("{run: echo, env: {A: '${{ secrets.B }}'}}", "secrets.B"),
    ],
)
def test_what_only_github_knows_is_not_run(tmp_path: Path, step: str, why: str) -> None:
    (outcome,) = _run(tmp_path, f"- {step}\n")
    assert outcome.state == "not run"
    assert why in outcome.message


def test_a_step_that_hangs_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    begun = time.monotonic()
    (outcome,) = _run(tmp_path, "- run: |\n    (sleep 60; touch survived) &\n    sleep 60\n", seconds=0.3)
    assert outcome.state == "failed"
    assert outcome.message == "it did not end within 0.3 s"
    assert time.monotonic() - begun < 10


def test_nothing_survives_its_step(tmp_path: Path) -> None:
    outcomes = _run(
        tmp_path, "- run: (sleep 0.5; touch survived) >/dev/null 2>&1 &\n- run: sleep 1; test ! -e survived\n"
    )
    assert _states(outcomes) == ["passed", "passed"]


def test_a_job_is_skipped_when_one_that_it_needs_failed(tmp_path: Path) -> None:
    text = """\
jobs:
  one:
    steps: [{run: exit 1}]
  two:
    needs: one
    steps: [{run: echo}]
  three:
    steps: [{run: echo}]
"""
    outcomes = run_steps(text, tmp_path, ENV)
    assert [(o.job, o.state) for o in outcomes] == [("one", "failed"), ("two", "skipped"), ("three", "passed")]


def test_a_missing_folder_fails(tmp_path: Path) -> None:
    (outcome,) = _run(tmp_path, "- run: echo\n  working-directory: gone\n")
    assert (outcome.state, outcome.output) == ("failed", "There is no folder gone.\n")


def test_paths_and_long_values_reach_the_next_step(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "greet"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho hello\n")
    tool.chmod(0o755)
    outcomes = _run(
        tmp_path,
        """\
        - run: |
            echo "$PWD/bin" >> "$GITHUB_PATH"
            { echo "TEXT<<END"; echo one; echo two; echo END; } >> "$GITHUB_ENV"
        - run: greet; echo "$TEXT"
        """,
    )
    assert outcomes[1].output == "hello\none\ntwo\n"


@pytest.mark.parametrize("text", ["jobs: {", "on: push", "- a", "jobs: {a: {}}", "jobs: {a: {steps: {}}}", ""])
def test_what_is_no_workflow(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"YAML|jobs|steps"):
        run_steps(text, tmp_path, ENV)
