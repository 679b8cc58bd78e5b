"""Checks of the exercises of "The command line"; run them in the project's directory."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

BASH = shutil.which("bash") or "bash"

COUNTS = ["92 3", "91 1", "91 2", "91 5", "90 0", "90 6", "90 7", "89 4", "88 8", "88 9"]

SCAN_3 = """\
..+##...
.+#+#...
...##...
...##...
....##..
.....++.
..+.+#+.
..+##+..
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the student's scripts and data, so that a check cannot harm them."""
    for folder in ("scripts", "data"):
        assert Path(folder).is_dir(), f"there is no folder {folder}/ here: run the checks inside mailroom"
        shutil.copytree(folder, tmp_path / folder)
    return tmp_path


def run(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "MAILROOM_DATA"}
    return subprocess.run(
        [BASH, *arguments],
        cwd=project,
        env=environment | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def said(result: subprocess.CompletedProcess[str]) -> str:
    """What ends a message: how the script ended, and its own words."""
    return f"(exit code {result.returncode}, errors: {result.stderr.strip() or 'none'})"


def table(text: str) -> list[str]:
    """Lines with their blanks evened out: `uniq -c` pads differently from system to system."""
    return [" ".join(line.split()) for line in text.splitlines()]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


# count-labels


def test_count_labels(project: Path) -> None:
    result = run(project, "scripts/count_labels.sh")
    assert result.returncode == 0, f"count_labels.sh fails {said(result)}"
    printed = table(result.stdout)
    assert not any("label" in line for line in printed), (
        "the header of labels.csv is in the output: let tail start at line 2, and give its output to cut"
    )
    assert sorted(printed) == sorted(COUNTS), (
        "the counts are wrong: look at the output of cut alone, then remember that uniq only sees neighbours"
    )
    assert printed == COUNTS, "the order is wrong: sort by count downwards first, then by digit upwards"


# pass-a-variable


def test_pass_a_variable(project: Path) -> None:
    write(project / "other batch" / "labels.csv", "scan,label\n0900,7\n0901,7\n0902,4\n")
    result = run(project, "scripts/count_labels.sh", MAILROOM_DATA="other batch")
    assert "0900,7" in result.stdout or table(result.stdout) == ["2 7", "1 4"], (
        "with MAILROOM_DATA='other batch' the script did not count other batch/labels.csv: look at the line "
        "that sets data, at the double quotes where it is used, and at tail, which must print every line "
        f"after the first, not the last 900 {said(result)}"
    )
    result = run(project, "scripts/count_labels.sh")
    assert result.returncode == 0, (
        f"without MAILROOM_DATA the script fails: give the variable a default with ${{NAME:-default}} {said(result)}"
    )


# fail-fast


@pytest.mark.parametrize("folder", ["data/raw", "a batch"])
def test_fail_fast_good_labels(project: Path, folder: str) -> None:
    write(project / "a batch" / "labels.csv", (project / "data/raw/labels.csv").read_text())
    report = f"{folder}/report.txt"
    result = run(project, "scripts/make_report.sh", f"{folder}/labels.csv", report)
    assert result.returncode == 0, f"with good labels in {folder!r} the script must succeed {said(result)}"
    assert (project / report).is_file(), (
        f"there is no {report!r}: which line gives the new file its final name, and is that in double quotes?"
    )
    counts = table((project / report).read_text())
    assert sorted(counts) == sorted(COUNTS), f"{report!r} holds the wrong counts"


def test_fail_fast_stops(project: Path) -> None:
    result = run(project, "scripts/make_report.sh", "missing.csv", "report.txt")
    assert result.returncode != 0, (
        "the labels are missing and the script still exits with 0: tail is not the last of its pipeline"
    )
    assert "written" not in result.stdout, "the script failed and still says that the report was written"


def test_fail_fast_no_folder(project: Path) -> None:
    result = run(project, "scripts/make_report.sh", "data/raw/labels.csv", "missing/report.txt")
    assert result.returncode != 0, (
        "the folder of the report is missing and the script still exits with 0: "
        "any command may fail, not only the one that you have thought of"
    )
    assert "written" not in result.stdout, "the script failed and still says that the report was written"


def test_fail_fast_unset(project: Path) -> None:
    before = sorted(path.name for path in project.iterdir())
    result = run(project, "scripts/make_report.sh", "data/raw/labels.csv")
    assert result.returncode != 0, "without REPORT the script must fail: which option stops at unset variables?"
    assert sorted(path.name for path in project.iterdir()) == before, (
        "called without REPORT the script still wrote a file: stop at $2, before anything is done"
    )


def test_fail_fast_keeps_the_old_report(project: Path) -> None:
    write(project / "report.txt", "yesterday\n")
    run(project, "scripts/make_report.sh", "missing.csv", "report.txt")
    assert (project / "report.txt").read_text() == "yesterday\n", (
        "the failed run destroyed yesterday's report: > empties its file before anything else runs, "
        "so write elsewhere, and mv at the end only if all went well"
    )


# peek


def test_peek_picture(project: Path) -> None:
    result = run(project, "scripts/peek.sh", "data/raw/scans/0003.csv")
    assert result.returncode == 0, f"peek.sh must draw scan 0003, but it fails {said(result)}"
    assert result.stdout == SCAN_3, (
        f"the picture of scan 0003 is wrong: try the values 4, 5, 10 and 11 by hand {said(result)}"
    )


def test_peek_spaces(project: Path) -> None:
    write(project / "a scan.csv", "0,4,5,10,11,16,0,0\n")
    result = run(project, "scripts/peek.sh", "a scan.csv")
    assert result.stdout == "..++##..\n", (
        "0,4,5,10,11,16,0,0 should give ..++##.. from a file called 'a scan.csv' too: "
        f'quote "$scan", check the limits {said(result)}'
    )


@pytest.mark.parametrize("arguments", [[], ["data/raw/scans/0000.csv", "data/raw/scans/0001.csv"]])
def test_peek_usage(project: Path, arguments: list[str]) -> None:
    result = run(project, "scripts/peek.sh", *arguments)
    assert result.returncode == 2, (
        f"with {len(arguments)} arguments peek.sh must exit with 2, not {result.returncode}: "
        f"compare $# with 1, and look at the number after exit {said(result)}"
    )
    assert "usage" in result.stderr.lower(), "the usage line is missing on standard error: >&2 after echo"
    assert result.stdout == "", "the usage line belongs on standard error only: >&2 after echo"


@pytest.mark.parametrize("value", ["17", "20", "55", "160", "-1", "x", "", "3.5"])
def test_peek_bad_value(project: Path, value: str) -> None:
    write(project / "bad.csv", f"0,1,2,3,{value},5,6,7\n")
    result = run(project, "scripts/peek.sh", "bad.csv")
    assert result.returncode == 1, (
        f"the value {value!r} is not 0 to 16, so peek.sh must exit with 1, not {result.returncode}: "
        f"look at the *) branch, and at what the other patterns let through {said(result)}"
    )
    assert result.stderr, f"nothing on standard error about the value {value!r}: >&2 after the message"


@pytest.mark.parametrize("text", ["", "0,1,2\n", "0,1,2,3,4,5,6,\n", "0,1,2,3,4,5,6,7\n0,1"])
def test_peek_not_a_scan(project: Path, text: str) -> None:
    write(project / "bad.csv", text)
    result = run(project, "scripts/peek.sh", "bad.csv")
    assert result.returncode == 1, (
        f"{text!r} is not made of lines of eight values, so peek.sh must exit with 1: "
        f"keep the checks that came with the script {said(result)}"
    )


# two-jobs: the two checks are replaced by small ones that show what check_all.sh does with them

MEET = """\
touch {mine}
for _ in $(seq 50); do
  if [ -e {other} ]; then exit 0; fi
  sleep 0.1
done
exit 1
"""


def test_two_jobs_together(project: Path) -> None:
    write(project / "scripts" / "check_labels.sh", MEET.format(mine="labels.here", other="scans.here"))
    write(project / "scripts" / "check_scans.sh", MEET.format(mine="scans.here", other="labels.here"))
    result = run(project, "scripts/check_all.sh")
    assert result.returncode == 0, f"the checks do not run at the same time: is there an & behind both? {said(result)}"


@pytest.mark.parametrize("failing", [["labels"], ["scans"], ["labels", "scans"]], ids="-".join)
def test_two_jobs_failure(project: Path, failing: list[str]) -> None:
    for name in ("labels", "scans"):
        write(project / "scripts" / f"check_{name}.sh", f"exit {3 if name in failing else 0}\n")
    result = run(project, "scripts/check_all.sh")
    assert result.returncode != 0, (
        f"the check of {' and '.join(failing)} failed and check_all.sh still exits with 0: is each $! kept "
        f"before the next line, each id waited for, and the result given to exit? {said(result)}"
    )
    assert result.returncode == 1, (
        "check_all.sh must exit with 1 if a check fails, whatever the code of that check: "
        f"set status=1 yourself {said(result)}"
    )


@pytest.mark.parametrize(("failing", "slow"), [("labels", "scans"), ("scans", "labels")])
def test_two_jobs_waits_for_both(project: Path, failing: str, slow: str) -> None:
    write(project / "scripts" / f"check_{failing}.sh", "exit 1\n")
    write(project / "scripts" / f"check_{slow}.sh", "exec > /dev/null 2>&1\nsleep 1\ntouch finished\n")
    result = run(project, "scripts/check_all.sh")
    assert (project / "finished").exists(), (
        f"check_all.sh ended while the check of {slow} still ran, or before it began: with set -e a failing "
        f"command ends the script, a failing wait too, so catch it with || {said(result)}"
    )
