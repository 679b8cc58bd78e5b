"""Runs one block of shell in a process of its own; directory and exported variables go on to the next block."""

from __future__ import annotations

import re
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .processes import Watch, kill_group, wait

LIMIT = 2_000_000  # bytes of output; more is a loop that has lost its end
ECHO = 100_000  # characters that are kept of it
_LOOK = 0.1  # seconds between two looks at how much there is
_OWN = {"_", "SHLVL", "OLDPWD"}
REPORTING = "__told() { set +x; {"  # how what we add to a block begins
_END = "\n\n{ __end; } 2>/dev/null"  # a line of its own, also behind a backslash; `set -x` shall not tell of it
_BASH = """
exit() { { local code=$?; __told; echo left NOTE; } 2>/dev/null; builtin exit "${1-$code}"; };
command_not_found_handle() {
    { set +x; echo missing NOTE; } 2>/dev/null;
    printf 'bash: line %s: %s: command not found\\n' "${BASH_LINENO[0]}" "$1" >&2; return 127;
};
set -eE; trap 'echo failed "$BASH_SUBSHELL" "$LINENO ${BASH_LINENO[*]}" >> FILE' ERR
"""
_SYNTAX = re.compile(r"^(?:ba|da)?sh: (?:-c: |eval: )?(?:line )?(\d+):", re.M)
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


@dataclass(frozen=True, slots=True)
class State:
    """What one block hands on to the next."""

    folder: Path
    variables: Mapping[str, str]
    exports: str = ""  # the same variables in the words of the shell that had them


@dataclass(frozen=True, slots=True)
class Place:
    """What a page's blocks are run with: a folder for files of ours, and an eye on what they start."""

    scratch: Path
    watch: Watch


@dataclass(frozen=True, slots=True)
class Note:
    """What a shell has written down while it ran a block."""

    kind: str  # "failed", "missing" (a command), "left" (by `exit`)
    depth: int = 0  # of subshells; 0: the block itself
    lines: tuple[int, ...] = ()  # of the text: the innermost first, the last one in no function


@dataclass(frozen=True, slots=True)
class Ended:
    """How a block ended."""

    code: int
    output: str  # both streams, as a terminal shows them
    state: State
    stopped: str = ""  # why it was stopped before its end
    leaked: tuple[str, ...] = ()  # processes that it left behind, which are ended
    reached: bool = False  # the end of its text
    notes: tuple[Note, ...] = ()

    @property
    def line(self) -> int:
        """Of the text, where it failed; 0: not known."""
        failed = [note.lines[0] for note in self.notes if note.kind == "failed"]
        said = _SYNTAX.search(self.output)
        return failed[-1] if failed else int(said[1]) if said else 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command of a console block printed, and its exit code."""

    output: str
    code: int


def run(program: str, text: str, state: State, place: Place, seconds: float) -> Ended:
    """Run the text of a `bash` or `sh` block; it stops at the first command that fails.

    Args:
        program: "bash" or "sh".
        text: The block.
        state: Where and with which variables it begins.
        place: What belongs to us while it runs.
        seconds: Its time limit.
    """
    notes = place.scratch / "notes"
    notes.unlink(missing_ok=True)
    prepared = f"{_noting(notes, program)}; {text}{_END}"  # no line of ours: the shell counts the block's
    ended = _run(program, prepared, state, place, seconds)
    output = ended.output.replace(_END, "")  # where a here-document that is never closed has taken it in
    return replace(ended, output=output, notes=tuple(_notes(notes)))


def _noting(notes: Path, program: str) -> str:
    """What makes a shell write down where it fails, leaves or misses a command, and stop where it fails."""
    if program != "bash":
        return "set -e"
    path = shlex.quote(str(notes))
    note = f'"$BASH_SUBSHELL" "${{BASH_LINENO[*]}}" >> {path}'
    return " ".join(_BASH.split()).replace("NOTE", note).replace("FILE", path)


def _notes(path: Path) -> Iterator[Note]:
    for line in path.read_text().splitlines() if path.exists() else ():
        kind, depth, *lines = line.split()
        yield Note(kind, int(depth), tuple(map(int, lines)))


def converse(commands: Sequence[str], state: State, place: Place, seconds: float) -> tuple[Ended, list[Answer]]:
    """Run the commands of a `console` block one after the other, as if they were typed.

    Returns:
        How the whole ended, and what each command printed; fewer answers than commands where it ended early.
    """
    mark = f"<{secrets.token_hex(8)}>"
    script = [f"exec 9>&1; __typed() {{ local code=$?; printf '{mark}%s{mark}' $code >&9; return $code; }}"]
    for command in commands:  # `__typed` keeps the exit code, so that a later `$?` sees it
        script += [f"eval {shlex.quote(command)}", "{ __typed; } 2>/dev/null"]  # `set -x` shall not tell of it
    ended = _run("bash", "\n".join(script) + _END, state, place, seconds)
    pieces = re.split(rf"{mark}(\d+){mark}", ended.output)
    answers = [Answer(said, int(code)) for said, code in zip(pieces[0:-1:2], pieces[1::2], strict=False)]
    if len(answers) < len(commands):
        answers.append(Answer(pieces[-1], ended.code))
    return ended, answers


def _run(program: str, script: str, state: State, place: Place, seconds: float) -> Ended:
    report, output = place.scratch / "state", place.scratch / "output"
    report.unlink(missing_ok=True)
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [program, "-c", _reporting(report) + script],
            executable=shutil.which(program, path=state.variables.get("PATH")),
            cwd=state.folder,
            env=state.variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            stopped = _until_end(process, output, seconds)
        except BaseException:  # an interruption: nothing may be left
            kill_group(process.pid)
            process.wait()
            raise
    leaked = place.watch.clear(process.pid)
    code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    reached, state = _reported(report, state)
    return Ended(code, shown(output), state, stopped, tuple(leaked), reached)


def _reporting(report: Path) -> str:
    """What makes a shell tell its directory and exported variables as it ends, without a further process.

    A trap of the block's own takes the place of ours, so the end of the block's text tells as well, and first.
    """
    told = """printf '%s\\0' "$__reached" "$PWD"; export -p"""
    return (
        f"__reached=; {REPORTING} {told}; }} >| {shlex.quote(str(report))}; }}; "
        "__end() { __code=$?; __reached=1; __told; return $__code; }; "
        "trap '{ [ \"$__reached\" ] || __told; } 2>/dev/null' EXIT; "
    )


def _reported(report: Path, before: State) -> tuple[bool, State]:
    """Whether the end of a block was reached, and the state behind it; a shell that was killed has told nothing."""
    told = report.read_bytes().decode(errors="surrogateescape").split("\0") if report.exists() else []
    if len(told) != 3:
        return False, before
    folder, exports = Path(told[1]), told[2]
    variables = before.variables if exports == before.exports else _evaluated(exports)
    return bool(told[0]), State(folder, variables, exports)


def _evaluated(exports: str) -> dict[str, str]:
    """The variables that `export -p` has listed; only a shell reads its quotes rightly."""
    env = shutil.which("env") or "/usr/bin/env"
    script = f'{exports}\nexec "{env}" -0'
    told = subprocess.run(
        ["bash"], input=script.encode(errors="surrogateescape"), env={}, capture_output=True, check=True
    ).stdout
    entries = told.decode(errors="surrogateescape").split("\0")
    variables = dict(entry.split("=", 1) for entry in entries if "=" in entry)
    return {name: value for name, value in variables.items() if name not in _OWN}


def _until_end(process: subprocess.Popen[bytes], output: Path, seconds: float) -> str:
    """Wait for the end of a process; why it was stopped, where it had to be."""
    deadline = time.monotonic() + seconds
    while not wait(process, min(_LOOK, deadline - time.monotonic())):
        reason = excess(output, deadline, seconds)
        if reason:
            kill_group(process.pid)
            process.wait()
            return reason
    return ""


def excess(output: Path, deadline: float, seconds: float) -> str:
    """Why a block that still runs has to be stopped; nothing while it may go on."""
    if output.stat().st_size > LIMIT:
        return f"It was stopped after it had printed {LIMIT // 1_000_000} MB."
    if time.monotonic() >= deadline:
        return f"It did not end within {seconds:g} s and was stopped. If it needs longer: `<!-- run: timeout=… -->`."
    return ""


def shown(output: Path, limit: int = ECHO) -> str:
    """What a file of output says, without colours; the middle of a very long one is left out."""
    text = _COLOUR.sub("", output.read_bytes()[: 2 * LIMIT].decode(errors="replace")).replace("\r\n", "\n")
    half = limit // 2
    return text if len(text) <= limit else f"{text[:half]}\n[…]\n{text[-half:]}"
