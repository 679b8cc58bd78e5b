"""Look at a practice repository: `python ../check_repo.py EXERCISE` in it says what is still missing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

LIST_MISTAKES = "ba57d44"  # the tip of the branch list-mistakes
SKIP_PIXELS = "d59bfe0"  # the commit that broke the accuracy
LOWER_ROWS = "0fc61dc"  # the pushed mistake in the repository undo
PRIVATE = ("model.bin", "sorter.env")


def git(*arguments: str) -> str:
    """What git prints; empty if it fails."""
    done = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def lines(*arguments: str) -> list[str]:
    """The lines that git prints."""
    return git(*arguments).splitlines()


def contains(name: str, commit: str) -> bool:
    """Whether a commit is in the history of a name."""
    return bool(git("rev-parse", "--verify", "--quiet", name)) and git("merge-base", commit, name) == git(
        "rev-parse", f"{commit}^{{commit}}"
    )


def reverted(name: str, commit: str) -> bool:
    """Whether a history holds a commit that says that it reverts another."""
    full = git("rev-parse", commit)
    return bool(full) and f"This reverts commit {full[:7]}" in git("log", name, "--format=%B")


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run one of the repository's scripts without leaving bytecode behind."""
    return subprocess.run([sys.executable, "-B", script], capture_output=True, encoding="utf-8", check=False)


def clean() -> Iterator[str]:
    """Complain about work that is not committed."""
    if git("status", "--porcelain"):
        yield "there is work that is not committed: see git status"


def branch_and_merge() -> Iterator[str]:
    """A branch of two commits, merged into a main that had moved on."""
    for merge in lines("rev-list", "--merges", "v0.2..main"):
        apart = int(git("rev-list", "--count", f"{merge}^1..{merge}^2") or 0)
        if apart == 2 and "AUTHORS" in lines("ls-tree", "--name-only", f"{merge}^1"):
            break
    else:
        yield "main has no merge of a branch with two commits into a main with AUTHORS: git log --oneline --graph"
    if "tiny.csv" not in git("show", "main:.gitignore"):
        yield "the .gitignore on main does not name tiny.csv"
    if git("branch", "--list", "ignore-samples"):
        yield "the branch ignore-samples is still there: delete it once it is merged"
    yield from clean()


def resolve_a_conflict() -> Iterator[str]:
    """Both reports in one line, and the script that merged without a conflict mended."""
    if not contains("main", LIST_MISTAKES):
        yield "list-mistakes is not in the history of main yet"
    else:
        merges = lines("rev-list", "--merges", "main")
        joined = [merge for merge in merges if git("rev-parse", f"{merge}^2").startswith(LIST_MISTAKES)]
        if not joined:
            yield "there is no merge commit whose second parent is list-mistakes"
        elif "load_scans" not in git("show", f"{joined[0]}:mistakes.py"):
            yield (
                "in the merge commit, mistakes.py still calls load: put the repair into it with git commit --amend"
                " (if you made a second commit, undo that first with git reset --soft HEAD~1)"
            )
    if git("grep", "-l", "-e", "^<<<<<<<", "-e", "^>>>>>>>"):
        yield f"markers of the conflict are left in {git('grep', '-l', '-e', '^<<<<<<<', '-e', '^>>>>>>>')}"
    report, mistakes = run("evaluate.py"), run("mistakes.py")
    found = re.search(r"accuracy 0\.\d+ on 100 scans, (\d+) wrong", report.stdout)
    if report.returncode != 0:
        yield "evaluate.py fails: run it, and read the last line"
    elif not found:
        yield f"evaluate.py prints {report.stdout.strip() or 'nothing'!r}, not 'accuracy … on 100 scans, … wrong'"
    if mistakes.returncode != 0:
        yield "mistakes.py fails: run it, and read the last line"
    elif found and len(mistakes.stdout.splitlines()) != int(found[1]):
        listed = len(mistakes.stdout.splitlines())
        yield f"evaluate.py counts {found[1]} wrong, mistakes.py lists {listed}: both must tell the same"
    yield from clean()


def undo_three_mistakes() -> Iterator[str]:
    """Nothing pushed is rewritten, nothing private is in a commit, and the reader is as it was."""
    for name in PRIVATE:
        if Path(name).exists() and not git("check-ignore", "--no-index", name):
            yield f"{name} is not ignored: add it to .gitignore, do not commit it"
    yield from clean()
    if git("rev-parse", "main:evaluate.py") != git("rev-parse", "f86601b:evaluate.py"):
        yield "evaluate.py on main is not as in f86601b: the experiment was to be thrown away"
    if not contains("main", "origin/main"):
        yield "main no longer contains origin/main: a pushed commit has been rewritten"
    for name in PRIVATE:
        if name in lines("log", "main", "--format=", "--name-only"):
            yield f"{name} is still in a commit of main: deleting it in a later commit does not remove it"
        if not Path(name).exists():
            yield f"{name} is gone from the folder: it was to stay there, ignored"
    if "Train on your own scans" not in git("show", "main:README.md"):
        yield "the new line of the README is lost: it was the good part of the last commit"
    if not reverted("main", LOWER_ROWS):
        yield f"no commit reverts {LOWER_ROWS}"
    elif git("rev-parse", "main:reader.py") != git("rev-parse", "v0.1:reader.py"):
        yield "reader.py is not as it was in v0.1"


def work_with_a_remote() -> Iterator[str]:
    """Both people's commits are on the remote, and so is the repair."""
    if not git("remote", "get-url", "origin"):
        yield "there is no remote called origin"
        return
    git("fetch", "--quiet", "origin")
    people = set(lines("log", "v0.2..origin/main", "--format=%an", "--", "README.md", "AUTHORS"))
    if len(people) < 2:
        yield "origin/main does not hold work of two people after v0.2: is user.name in bo another than yours?"
    if not git("rev-parse", "--verify", "--quiet", "origin/main") or git("rev-parse", "main") != git(
        "rev-parse", "origin/main"
    ):
        yield "main and origin/main are not the same commit: fetch, join, push"
    if not git("rev-parse", "--verify", "--quiet", "origin/repair"):
        yield "origin has no branch repair: push it"
    elif not contains("origin/repair", SKIP_PIXELS):
        yield f"repair on origin does not start from main: its history lacks {SKIP_PIXELS}"
    elif not reverted("origin/repair", SKIP_PIXELS):
        yield f"repair on origin holds no commit that reverts {SKIP_PIXELS}"
    yield from clean()


def describe_the_repair() -> Iterator[str]:
    """What a reviewer needs stands in the text."""
    path = Path("../pull_request.md")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    title = text.partition("\n")[0]
    if not 10 <= len(title.lstrip("# ")) <= 72:
        yield "the first line of ../pull_request.md is no title of 10 to 72 characters"
    if SKIP_PIXELS not in text:
        yield f"it does not name the commit that broke it ({SKIP_PIXELS})"
    for number in ("0.83", "0.92"):
        if number not in text:
            yield f"the accuracy before and after, as evaluate.py prints it, is not both there: {number}0 is missing"
    if "evaluate.py" not in text:
        yield "it does not say which command a reviewer can run to check it"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "branch-and-merge": branch_and_merge,
    "resolve-a-conflict": resolve_a_conflict,
    "undo-three-mistakes": undo_three_mistakes,
    "work-with-a-remote": work_with_a_remote,
    "describe-the-repair": describe_the_repair,
}


def main() -> int:
    """Check one exercise; 0 if it is done, 1 if something is missing, 2 if it cannot be checked."""
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        print(f"usage: python ../check_repo.py {'|'.join(CHECKS)}", file=sys.stderr)
        return 2
    top = git("rev-parse", "--show-toplevel")
    if not top or not git("rev-parse", "--verify", "--quiet", "v0.1"):
        print("check_repo: this is not a practice repository: cd into it first", file=sys.stderr)
        return 2
    problems = list(CHECKS[sys.argv[1]]())
    for problem in problems:
        print(f"not yet: {problem}")
    if not problems:
        print(f"{sys.argv[1]}: done")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
