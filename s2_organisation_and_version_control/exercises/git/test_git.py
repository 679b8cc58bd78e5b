"""Checks of "Git and collaboration": its scripts, and the practice repositories beside the project in which it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASH = shutil.which("bash") or "bash"
HERE = Path(__file__).resolve().parent
PRACTICE = Path("../git_practice")
CULPRIT = "d59bfe0bf9f4ce6ff9e8a45a93517d894414c4e9"


def environment() -> dict[str, str]:
    """Variables with which git knows who commits, and nobody's settings change what it does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    person = {"NAME": "Test", "EMAIL": "test@example.com"}
    names = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    return kept | names | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "git", *arguments)


def copied(name: str, folder: Path) -> Path:
    """A copy of one of the student's scripts."""
    assert Path(name).is_file(), f"there is no {name} here: copy the starter's files, and run the checks in mailroom"
    return Path(shutil.copy(name, folder))


# find-the-bad-commit


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    return copied("scripts/bisect_accuracy.sh", tmp_path)


def verdict(judge: Path, program: str, threshold: str = "0.9") -> int:
    """The exit code of the script for a commit on which the command does this."""
    command = judge.parent / "command.py"
    command.write_text(program, encoding="utf-8")
    return run(judge.parent, BASH, judge.name, threshold, sys.executable, command.name).returncode


def test_find_the_bad_commit_good(judge: Path) -> None:
    assert verdict(judge, "print('accuracy 0.920 on 100 scans')") == 0, "0.920 reaches 0.9: the exit code must be 0"
    assert verdict(judge, "print('accuracy 0.900')") == 0, "0.900 reaches 0.9: the exit code must be 0"


def test_find_the_bad_commit_bad(judge: Path) -> None:
    found = verdict(judge, "print('accuracy 0.830 on 100 scans')")
    assert found == 1, f"0.830 is below 0.9: the exit code must be 1, and it is {found}"
    found = verdict(judge, "print('accuracy 0.920')", threshold="0.95")
    assert found == 1, f"0.920 is below a threshold of 0.95: the exit code must be 1, and it is {found}"


def test_find_the_bad_commit_failing_command(judge: Path) -> None:
    found = verdict(judge, "print('accuracy 0.950')\nraise SystemExit(1)")
    assert found == 125, f"a commit on which the command fails cannot be tested: 125, and it is {found}"


def test_find_the_bad_commit_no_accuracy(judge: Path) -> None:
    found = verdict(judge, "print('nothing measured')")
    assert found == 125, f"without an accuracy in the output a commit cannot be tested: 125, and it is {found}"


def test_find_the_bad_commit_no_command(judge: Path) -> None:
    found = run(judge.parent, BASH, judge.name, "0.9", "no-such-command").returncode
    assert found == 128, f"a command that does not exist must stop the search (128), not skip commits; it is {found}"


def test_find_the_bad_commit_in_the_history(judge: Path, tmp_path: Path) -> None:
    made = run(tmp_path, BASH, str(HERE / "make_history.sh"), "reader")
    assert made.returncode == 0, f"make_history.sh fails: {made.stderr}"
    reader = tmp_path / "reader"
    git(reader, "bisect", "start", "v0.2", "v0.1")
    git(reader, "bisect", "run", BASH, str(judge), "0.9", sys.executable, "evaluate.py")
    found = git(reader, "rev-parse", "refs/bisect/bad").stdout.strip()
    assert found == CULPRIT, f"git bisect ends at {found[:7]} instead of {CULPRIT[:7]}: look at git bisect log"


# protect-main


@pytest.fixture
def pushing(tmp_path: Path) -> Path:
    """A repository with the student's hook and an empty remote."""
    hook = copied("hooks/pre-push", tmp_path)
    git(tmp_path, "init", "--bare", "-b", "main", "hub.git")
    git(tmp_path, "init", "-b", "main", "work")
    work = tmp_path / "work"
    git(work, "remote", "add", "origin", "../hub.git")
    hooks = work / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    shutil.copy(hook, hooks / "pre-push")
    (hooks / "pre-push").chmod(0o755)
    git(work, "commit", "--allow-empty", "-m", "First")
    first = git(work, "push", "origin", "main")
    assert first.returncode == 0, f"the first push, which creates main, must be allowed: {first.stderr}"
    git(work, "commit", "--allow-empty", "-m", "Second")
    return work


def refused(work: Path, *push: str) -> subprocess.CompletedProcess[str]:
    before = git(work, "ls-remote", "origin", "main").stdout
    done = git(work, "push", "origin", *push)
    assert git(work, "ls-remote", "origin", "main").stdout == before, (
        f"`git push origin {' '.join(push)}` has changed main on the remote: the hook must end with another code than 0"
    )
    return done


def test_protect_main_from_a_push(pushing: Path) -> None:
    done = refused(pushing, "main")
    assert "main" in done.stderr.partition("error: failed to push")[0], "the hook refuses without saying why"


def test_protect_main_from_another_branch(pushing: Path) -> None:
    git(pushing, "switch", "-c", "feature")
    refused(pushing, "feature:main")


def test_protect_main_among_several(pushing: Path) -> None:
    git(pushing, "branch", "a-branch", "HEAD~1")
    git(pushing, "branch", "z-branch", "HEAD~1")
    refused(pushing, "a-branch", "main", "z-branch")


def test_protect_main_from_deletion(pushing: Path) -> None:
    git(pushing.parent / "hub.git", "config", "receive.denyDeleteCurrent", "ignore")
    refused(pushing, "--delete", "main")


def test_protect_main_lets_branches_pass(pushing: Path) -> None:
    for name in ("feature", "not-main", "domain", "ada/main", "main-2"):
        done = git(pushing, "push", "origin", f"HEAD~1:refs/heads/{name}")
        assert done.returncode == 0, f"a new branch {name} must be allowed, it is not main: {done.stderr}"
        done = git(pushing, "push", "origin", f"HEAD:refs/heads/{name}")
        assert done.returncode == 0, f"a change of the branch {name} must be allowed, it is not main: {done.stderr}"


# What was done in the practice repositories, as the page's own check_repo.py sees it


def practised(exercise: str, repository: str = "reader") -> None:
    """Check one exercise where the student did it; skip it where there is nothing to look at."""
    folder = PRACTICE / repository
    if not (folder / ".git").is_dir():
        pytest.skip(f"it is done in git_practice/{repository}, which is not beside the project")
    done = run(folder.resolve(), sys.executable, str(HERE / "check_repo.py"), exercise)
    found = (done.stdout.strip() or done.stderr.strip() or "check_repo.py fails").splitlines()[0]
    assert done.returncode == 0, f"git_practice/{repository}: {found.removeprefix('not yet: ')}"


def test_branch_and_merge() -> None:
    practised("branch-and-merge")


def test_resolve_a_conflict() -> None:
    practised("resolve-a-conflict")


def test_undo_three_mistakes() -> None:
    practised("undo-three-mistakes", "undo")


def test_work_with_a_remote() -> None:
    practised("work-with-a-remote")


def test_describe_the_repair() -> None:
    practised("describe-the-repair")
