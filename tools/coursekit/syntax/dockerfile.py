"""Dockerfiles: what a build would stop at, or take for something else than was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..fields import near, nearest
from . import ELIDED, PLACEHOLDER, TEMPLATE, Fault, words

INSTRUCTIONS = frozenset(
    words(
        "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL "
        "USER VOLUME WORKDIR"
    )
)
_LINE = re.compile(r"[ \t]*(?P<word>\S+)[ \t]*(?P<rest>.*)$", re.S)
_HEREDOC = re.compile(r"<<-?[ \t]*[\"']?([A-Za-z_]\w*)[\"']?")
_FLAGS = re.compile(r"(?:--[a-z-]+(?:=\S+)?\s+)+")
_COMMENT = re.compile(r"(?<=\s)#(?![ \t]*\(\d+\))[^\n]*$")
_NEXT_INSTRUCTION = re.compile(r"[ \t]*(?:FROM|COPY|ADD|CMD|ENTRYPOINT|WORKDIR|ENV|EXPOSE|USER|RUN)[ \t]+\S")
_NEXT_COMMAND = re.compile(
    r"[ \t]*(?:apt(?:-get)? (?:install|update|clean)|pip3? install|rm -r|uv (?:sync|pip)|curl -)\b"
)
_GOES_ON = re.compile(r"(?:[&|;({]|\b(?:then|do|else|sudo|env|time|exec|if)|[A-Z_]+=\S*|--mount=\S+)$|[\"']$")
_FROM_STAGE = re.compile(r"--from=(?P<name>[A-Za-z][\w-]*)(?=[ \t])")
_EXEC = frozenset(("CMD", "ENTRYPOINT", "RUN", "SHELL", "COPY", "ADD", "VOLUME"))
_KNOWS_COMMENTS = frozenset(("ARG", "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "ONBUILD"))
_SHELL_WORDS = re.compile(r"[ \t]*(?:&&|\|\||;|pip3? |python3? |apt-get |apt |curl |mkdir |cd |rm |-{1,2}[A-Za-z])")
_APT = re.compile(r"\bapt(?:-get)?(?:[ \t]+-\S+)*[ \t]+install\b(?P<rest>[^&|;]*)", re.S)
_UPDATE = re.compile(r"\bapt(?:-get)?\b[^&|;\n]*\bupdate\b")
_YES = re.compile(r"(?<!\S)(?:-[a-zA-Z]*y[a-zA-Z]*|-qq+|--yes|--assume-yes)(?!\S)")
_DEBIAN = re.compile(r"(?:docker\.io/)?(?:library/)?(?:python|debian|ubuntu|node)(?::|$|@)", re.I)


@dataclass(frozen=True, slots=True)
class _Instruction:
    word: str
    rest: str  # continued lines joined by line ends, comments between them left out
    line: int
    column: int
    heredoc: bool


def faults(text: str) -> list[Fault]:
    """What is wrong with a Dockerfile or a piece of one."""
    if TEMPLATE.search(text):
        return []
    found = list(_instructions(text))
    return sorted(
        (*_each(found), *_order(found), *_stages(found), *_case(found), *_packages(found), *_last_line(text)),
        key=lambda f: (f.line, f.column),
    )


def _instructions(text: str) -> Iterator[_Instruction]:
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        first = index
        parts: list[str] = []
        while index < len(lines):
            bare = lines[index].rstrip()
            comment = bare.lstrip().startswith("#")
            if not comment and not (parts and not bare):
                parts.append(bare.removesuffix("\\"))
            index += 1
            if not bare.endswith("\\") and not (parts and (comment or not bare) and _goes_on(lines, first, index)):
                break
        joined = "\n".join(parts)
        if match := _LINE.match(joined):
            words = _HEREDOC.findall(match["rest"]) if match["word"].upper() in ("RUN", "COPY", "ADD") else []
            column = match.start("word") + 1
            yield _Instruction(match["word"], match["rest"].strip(), first + 1, column, bool(words))
            for word in words:
                while index < len(lines) and lines[index].strip() != word:
                    index += 1
                index += 1


def _goes_on(lines: list[str], first: int, index: int) -> bool:
    """Whether an instruction that has begun goes on behind a comment or an empty line."""
    before = index - 1
    while before > first and (not lines[before].strip() or lines[before].lstrip().startswith("#")):
        before -= 1
    return lines[before].rstrip().endswith("\\") and index < len(lines)


def _each(found: list[_Instruction]) -> Iterator[Fault]:
    for instruction in found:
        word = instruction.word.upper()
        if (
            ELIDED.match(instruction.word)
            or PLACEHOLDER.match(instruction.word)
            or instruction.word.startswith(("-8<", ";"))
        ):
            continue
        if word not in INSTRUCTIONS:
            yield _unknown(instruction)
            return  # what follows would be guessed
        if not ELIDED.search(instruction.rest):
            yield from _arguments(instruction, word)
        if word == "RUN" and not instruction.heredoc:
            yield from _joined(instruction)


def _joined(instruction: _Instruction) -> Iterator[Fault]:
    """Lines of a command that do not belong to the line above, which goes on with `\\`."""
    above = ""
    for number, line in enumerate(instruction.rest.split("\n")):
        if above and _NEXT_INSTRUCTION.match(line):
            message = f"`{line.split()[0]}` is a part of the command above, which ends with `\\`."
            yield Fault(instruction.line + number, 1, message, "Delete the `\\` of the line above.")
            return
        if above and _NEXT_COMMAND.match(line) and not _GOES_ON.search(above):
            message = "This command is given to the one above as arguments."
            yield Fault(instruction.line + number, 1, message, "End the line above with ` && \\`.")
            return
        above = line.strip()


def _unknown(instruction: _Instruction) -> Fault:
    word = instruction.word
    if _SHELL_WORDS.match(f"{word} "):
        message = f"`{word}` begins a line of its own: the line above does not end with `\\`."
        return Fault(instruction.line, instruction.column, message, "End the line above with ` \\`.")
    hint = nearest(word.upper(), INSTRUCTIONS) if word.isalpha() else "An instruction is one of FROM, RUN, COPY, CMD …"
    return Fault(instruction.line, instruction.column, f"`{word}` is no instruction of a Dockerfile.", hint)


def _arguments(instruction: _Instruction, word: str) -> Iterator[Fault]:
    rest = _FLAGS.sub("", instruction.rest, count=1) if instruction.rest.startswith("--") else instruction.rest

    def fault(message: str, hint: str = "") -> Fault:
        return Fault(instruction.line, instruction.column, message, hint)

    if not rest:
        yield fault(f"`{word}` has no argument.")
        return
    if comment := _comment_behind(word, rest):
        yield fault(
            f"`{comment}` is no comment here, but part of what `{word}` is given.",
            "Put the comment on a line of its own above.",
        )
        return
    if word in _EXEC and rest.startswith("["):
        yield from _exec_form(rest, word, fault)
    elif word in ("COPY", "ADD") and not instruction.heredoc and len(rest.split()) < 2 and not PLACEHOLDER.search(rest):
        yield fault(f"`{word}` needs a source and a target; there is only `{rest}`.", f"Write `{word} {rest} .`, say.")
    elif word in ("COPY", "ADD") and not instruction.heredoc and _needs_folder(rest.split()):
        yield fault(f"`{word}` of several files needs a folder as its target.", f"Write `{rest.split()[-1]}/`.")
    elif word in ("ENV", "ARG") and re.match(r"\w+[ \t]+=|\w+=[ \t]+\S", rest):
        yield fault(f"Blanks stand around the `=` of `{word}`.", "Write `NAME=value` without blanks.")
    elif word == "ENV" and re.fullmatch(r"\w+", rest):
        yield fault(f"`ENV {rest}` gives no value.", f"Write `ENV {rest}=value`.")
    elif word == "FROM" and len(rest.split()) not in (1, 3) and not PLACEHOLDER.search(rest):
        yield fault("`FROM` takes an image, and perhaps `AS` and a name.")
    elif word == "EXPOSE" and rest.isascii() and (odd := next((p for p in rest.split() if p.isalpha()), "")):
        yield fault(f"`{odd}` is no port.", "Write the number, or a variable as `$PORT`.")
    elif word == "EXPOSE" and re.fullmatch(r"\d+:\d+", rest):
        yield fault("`EXPOSE` takes the container's port alone.", "The port of the host is given to `docker run -p`.")


def _comment_behind(word: str, rest: str) -> str:
    """The beginning of what looks like a comment behind an instruction that knows none."""
    comment = _COMMENT.search(rest)
    if comment is None or "\n" in rest or word in _KNOWS_COMMENTS or rest[: comment.start()].count('"') % 2:
        return ""
    return comment[0][:30].strip()


def _needs_folder(words: list[str]) -> bool:
    target = words[-1]
    return len(words) > 2 and not target.endswith(("/", ".", '"')) and "$" not in target and "#" not in words


def _exec_form(rest: str, word: str, fault: Callable[[str, str], Fault]) -> Iterator[Fault]:
    if word == "RUN" and not re.match(r"\[[ \t]*[\"'“”‘’]", rest):
        return  # `[ -f file ]` is a test
    try:
        parsed = json.loads(rest.replace("\n", " "))
        good = isinstance(parsed, list) and all(isinstance(item, str) for item in parsed)
    except (ValueError, RecursionError):
        good = False
    if not good and not ELIDED.search(rest) and not PLACEHOLDER.search(rest):
        quotes = "in double quotes" if "'" in rest else "with a comma between them, in double quotes"
        yield fault(
            f"This is no list that `{word}` understands, so it is run as a shell command.", f"Write all words {quotes}."
        )


def _order(found: list[_Instruction]) -> Iterator[Fault]:
    """Instructions before the first `FROM`, where there is one."""
    words = [instruction.word.upper() for instruction in found]
    if "FROM" in words:
        early = next((i for i in found[: words.index("FROM")] if i.word.upper() in INSTRUCTIONS - {"ARG"}), None)
        if early:
            yield Fault(early.line, early.column, f"`{early.word}` stands before the first `FROM`; only `ARG` may.")


def _stages(found: list[_Instruction]) -> Iterator[Fault]:
    """`COPY --from=` with a name that is almost that of a stage; any other may be an image."""
    names: list[str] = []
    for instruction in found:
        word, words = instruction.word.upper(), instruction.rest.split()
        if word == "FROM" and len(words) > 2 and words[-2].upper() == "AS":
            names.append(words[-1])
        elif word == "COPY" and (source := _FROM_STAGE.match(instruction.rest)):
            name = source["name"]
            if name.lower() not in map(str.lower, names) and (meant := near(name, names)):
                message = f"There is no stage `{name}` above."
                yield Fault(instruction.line, instruction.column, message, f"Did you mean `{meant}`?")


def _case(found: list[_Instruction]) -> Iterator[Fault]:
    """An instruction in small letters among others in capitals, of which a build warns."""
    known = [instruction for instruction in found if instruction.word.upper() in INSTRUCTIONS]
    small = [instruction for instruction in known if not instruction.word.isupper()]
    if small and len(known) > 2 * len(small):
        word = small[0].word
        message = f"`{word}` is not in capitals, and the other instructions are: a build warns of that."
        yield Fault(small[0].line, small[0].column, message, f"Write `{word.upper()}`.")


def _packages(found: list[_Instruction]) -> Iterator[Fault]:
    """`apt-get install` that asks, or that finds no packages because their lists were never fetched."""
    updated = True
    for instruction in found:
        word = instruction.word.upper()
        if word == "FROM":
            updated = not _DEBIAN.match(instruction.rest)
        elif word == "RUN":
            match = _APT.search(instruction.rest)
            updated = updated or bool(_UPDATE.search(instruction.rest)) or ELIDED.search(instruction.rest) is not None
            if match and not _YES.search(match[0]):
                message = "`apt-get install` asks before it installs; in a build nobody answers, and it stops."
                yield Fault(instruction.line, instruction.column, message, "Add `-y`.")
            elif match and not updated:
                message = "`apt-get install` finds no package: the image holds no lists of packages."
                yield Fault(instruction.line, instruction.column, message, "Run `apt-get update &&` before it.")


def _last_line(text: str) -> Iterator[Fault]:
    lines = text.rstrip().split("\n")
    if lines[-1].endswith("\\") and not lines[-1].lstrip().startswith("#"):
        yield Fault(
            len(lines), len(lines[-1]), "The last line ends with `\\`, and nothing follows.", "Delete the `\\`."
        )
