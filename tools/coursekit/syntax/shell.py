"""Shell: quotes, continued lines and prompts, found by one pass over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from . import ELIDED, Fault

SHELLS = frozenset(("bash", "sh", "shell", "zsh"))
SESSIONS = frozenset(("console", "shell-session", "bash-session", "shellsession", "terminal"))
WINDOWS = frozenset(("powershell", "pwsh", "ps1", "posh", "bat", "batch", "cmd", "dosbatch"))

_TOKEN = re.compile(
    r"\\.|\\\n|['\"()\n]|\$\(|\$'|(?<![^\s;&|(])#[^\n]*|<<<|<<-?[ \t]*(?P<q>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=q)", re.S
)
_OPTION = re.compile(r"[ \t]*--?[A-Za-z][\w-]*(?![\w|)-])(?!\S*\)[ \t]*$)")
_COMMAND = re.compile(r"[ \t]*(?:[$%>] )?[\w./~-]+(?:[ \t]|$)")
_WITHIN_LINE = re.compile(r"(?:(?<=[ \t])|^)\\[ \t]+(?=--?[A-Za-z])")
_USAGE = re.compile(r"^[ \t]*(?:usage|options|flags|arguments)\b", re.I | re.M)
_PROMPT = re.compile(r"[ \t]*\$[ \t]+(?=\S)")
_ANY_PROMPT = re.compile(
    r"[ \t]*(?P<sign>(?:\([\w.-]{1,40}\)[ \t]*)?(?:[\w.-]{1,40}@[\w.-]{1,60}(?::[^\s$#%]*)?[ \t]*)?[$%](?=[ \t])"
    r"|(?:PS[ \t]+)?[A-Za-z]:\\[^>\n]*>)[ \t]*(?=\S)"
)
_NO_COMMANDS = re.compile(r"^[\w.]+\([ \t]*$|^[A-Za-z]\w*: ", re.M)  # Python, or what a program printed
_WORD = re.compile(r"(?:^|[;&|(]|\b(?:then|else|do)\b)[ \t]*(for|while|until|if|case|done|fi|esac)\b", re.M)
_CLOSES = {"for": "done", "while": "done", "until": "done", "if": "fi", "case": "esac"}
_GOES_ON = re.compile(r"(?:\||&&)[ \t]*\\$")  # a shell waits for a command, whatever stands in between
_ANNOTATION = re.compile(r"#[ \t]*\(\d+\)")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the lines of a script hang together."""

    inside: tuple[str, ...]  # of each line: what it begins within: "", "'", '"', "(" or "<<"
    comments: tuple[int, ...]  # of each line: the column at which a comment begins, counted from 0, or -1
    open_quote: tuple[int, int] | None  # line and column of a quote that is never closed, counted from 1
    quoted: tuple[tuple[int, int], ...]  # half-open ranges of offsets within quotes, comments and here-documents


def shape(text: str) -> Shape:
    """Read a script once, from its beginning to its end."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.stack: list[tuple[str, int]] = []
        self.inside = [""]
        self.comments = [-1] * len(self.starts)
        self.quoted: list[tuple[int, int]] = []
        self.heredocs: list[str] = []

    def read(self) -> Shape:
        at = 0
        while match := _TOKEN.search(self.text, at):
            at = self._token(match)
        opened = next((start for kind, start in self.stack if kind in "'\""), None)
        count = len(self.starts)
        return Shape(
            tuple(self.inside[:count]) + ("",) * (count - len(self.inside)),
            tuple(self.comments),
            self._place(opened) if opened is not None else None,
            tuple(self.quoted),
        )

    def _place(self, offset: int) -> tuple[int, int]:
        line = self.text.count("\n", 0, offset)
        return line + 1, offset - self.starts[line] + 1

    def _token(self, match: re.Match[str]) -> int:
        token, within = match[0], self.stack[-1][0] if self.stack else ""
        if token == "\n":
            self.inside.append(within)
            return self._heredocs(match.end())
        if token[0] == "\\":
            if token[1] == "\n":
                self.inside.append(within)
            return match.end()
        if within == '"':
            return self._in_double(token, match)
        if token in ("'", "$'"):
            return self._single(match)
        if token == '"':
            self.stack.append(('"', match.start()))
        elif token in ("(", "$("):
            self.stack.append(("(", match.start()))
        elif token == ")":
            if within == "(":
                self.stack.pop()
        elif token[0] == "#":
            self.comments[len(self.inside) - 1] = match.start() - self.starts[len(self.inside) - 1]
            self.quoted.append(match.span())
        elif match["word"]:
            self.heredocs.append(match["word"])
        return match.end()

    def _in_double(self, token: str, match: re.Match[str]) -> int:
        if token == '"':
            self.quoted.append((self.stack.pop()[1], match.end()))
        elif token == "$(":
            self.stack.append(("(", match.start()))
        elif token[0] == "#" or match["word"] or token == "<<<":
            return match.start() + 1  # no comment and no here-document: a quote may stand in it
        return match.end()

    def _single(self, match: re.Match[str]) -> int:
        at = match.end()
        if match[0] == "$'":
            closing = re.compile(r"(?:[^'\\]|\\.)*'", re.S).match(self.text, at)
            end = closing.end() - 1 if closing else -1
        else:
            end = self.text.find("'", at)
        if end < 0:
            self.stack.append(("'", match.start()))
            end = len(self.text) - 1
        self.quoted.append((match.start(), end + 1))
        self.inside += ["'"] * self.text.count("\n", at, end + 1)
        return end + 1

    def _heredocs(self, at: int) -> int:
        """Skip the here-documents that the line before announced."""
        for word in self.heredocs:
            closing = re.compile(rf"^[ \t]*{word}[ \t]*$", re.M).search(self.text, at)
            end = closing.end() if closing else len(self.text)
            self.inside[-1] = "<<"
            self.inside += ["<<"] * self.text.count("\n", at, end)
            self.quoted.append((at, end))
            at = end
        self.heredocs.clear()
        return at


def open_quotes(text: str) -> Iterator[Fault]:
    """A quote that is never closed; an apostrophe within a word is none."""
    found = shape(text)
    if found.open_quote is None:
        return
    first = next((n for n, inside in enumerate(found.inside) if inside in ("'", '"') and n), None)
    line, column = found.open_quote
    written = text.split("\n")[line - 1]
    before, after = written[max(column - 2, 0) : column - 1], written[column : column + 1]
    if (before.isalpha() and after.isalpha()) or ELIDED.search(written) or _NO_COMMANDS.search(text):
        return
    sign = written[column - 1]
    hint = f"Close it, or write `\\{sign}` for the character itself."
    if first is not None and first < line - 1:
        hint += f" Look at line {first} of the block, too, from where quotes go over the end of the line."
    yield Fault(line, column, f"The quote `{sign}` is opened here and never closed.", hint)


def open_commands(text: str) -> Iterator[Fault]:
    """A loop, an `if` or a `case` that is never closed."""
    found = shape(text)
    if found.open_quote or ELIDED.search(text):
        return
    opened: list[re.Match[str]] = []
    for match in _WORD.finditer(without(text, found.quoted)):
        if match[1] in _CLOSES:
            opened.append(match)
        elif opened and _CLOSES[opened[-1][1]] == match[1]:
            opened.pop()
    if opened:
        word, start = opened[-1][1], opened[-1].start(1)
        line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
        yield Fault(
            line, column, f"`{word}` is never closed by `{_CLOSES[word]}`.", f"Write `{_CLOSES[word]}` at its end."
        )


def without(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """The text with these ranges blanked; the length stays."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join([*pieces, text[at:]])


def broken_continuations(text: str, session: bool = False) -> Iterator[Fault]:
    """Lines that belong together and do not hold together when they are pasted.

    Args:
        text: A script.
        session: Whether commands stand behind prompts, and other lines are output.
    """
    lines, found = text.split("\n"), shape("" if session else text)
    usage = bool(_USAGE.search(text))
    inside = found.inside if not session else ("",) * len(lines)
    comments = found.comments if not session else (-1,) * len(lines)
    in_command = not session
    for number, line in enumerate(lines):
        bare = line.rstrip(" \t")
        if session and not number_continues(lines, number):
            in_command = bool(_PROMPT.match(line))
        if inside[number] in ("'", '"', "<<") or not in_command or not bare:
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if comments[number] >= 0:
            before = line[: comments[number]].rstrip()
            if before.endswith("\\") and following.strip() and not _ANNOTATION.search(line):
                message = "A comment behind `\\` ends the command; the next line is run on its own."
                yield Fault(number + 1, len(before), message, "Put the comment on a line above the command.")
            continue
        if match := _WITHIN_LINE.search(line):
            message = "This `\\` stands within its line, where it does not continue anything."
            yield Fault(number + 1, match.start() + 1, message, "Begin a new line behind it, or delete it.")
        elif bare.endswith("\\") and not bare.endswith("\\\\"):
            yield from _behind_backslash(lines, number, bare)
        elif bare.endswith(" ^") and following.strip():
            yield Fault(
                number + 1, len(bare), "`^` continues a line in Windows' cmd, not in this shell.", "Write `\\`."
            )
        elif not usage and _OPTION.match(following) and _lacks(lines, number, inside, bare):
            message = f"The next line begins with `{_OPTION.match(following)[0].strip()}`, "  # type: ignore[index]
            message += "but nothing continues this one."
            yield Fault(number + 1, len(bare) + 1, message, "End this line with ` \\`.")
        elif bare.endswith(" \\\\") and (_OPTION.match(following) or _indent(following) > _indent(line)):
            message = "Two `\\` at the end of a line are a character, and do not continue it."
            yield Fault(number + 1, len(bare) - 1, message, "Write one.")
        elif number_continues(lines, number) and following.strip() and _goes_on(lines, number, inside, bare):
            message = "The next line is indented as one of the same command, but nothing continues this one."
            yield Fault(number + 1, len(bare) + 1, message, "End this line with ` \\`.")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t")) if line.strip() else -1


def _goes_on(lines: list[str], number: int, inside: tuple[str, ...], bare: str) -> bool:
    """Whether the line below the last one of a command stands where those do that were continued."""
    below, deep = lines[number + 1], _indent(bare)
    if inside[number] or inside[number + 1] or _indent(below) != deep or below.lstrip().startswith(("#", "}", ")")):
        return False
    if bare.endswith(("|", "&", ";", "{", ",", ":", "`")) or ELIDED.search(bare) or ELIDED.search(below):
        return False
    first = number
    while number_continues(lines, first):
        first -= 1
    return _indent(lines[first]) < deep


def number_continues(lines: list[str], number: int) -> bool:
    """Whether a line goes on with the one above it."""
    return number > 0 and lines[number - 1].rstrip(" \t").endswith("\\")


def _behind_backslash(lines: list[str], number: int, bare: str) -> Iterator[Fault]:
    line, following = lines[number], lines[number + 1] if number + 1 < len(lines) else ""
    rest = any(text.strip() for text in islice(lines, number + 1, None)) if not following.strip() else True
    if len(line) > len(bare):
        message = "Blanks stand behind the `\\` at the end of this line, so it does not continue the line."
        yield Fault(number + 1, len(bare) + 1, message, "Delete the blanks.")
    elif not rest and _OPTION.match(next(text for text in lines if text.strip())):
        return  # a piece of a command: nothing but options
    elif not rest:
        yield Fault(number + 1, len(bare), "The last line ends with `\\`: a shell waits for more.", "Delete the `\\`.")
    elif not following.strip():
        if not ELIDED.search(line):
            message = "Nothing stands on the line behind this `\\`, so the command ends there."
            yield Fault(number + 1, len(bare), message, "Delete the `\\`, or the blank line.")
    elif following.lstrip().startswith("#") and not _ANNOTATION.search(following) and not _GOES_ON.search(bare):
        message = "The line behind this `\\` is a comment, which ends the command."
        yield Fault(number + 2, len(following) - len(following.lstrip()) + 1, message, "Put it above the command.")


def _lacks(lines: list[str], number: int, inside: tuple[str, ...], bare: str) -> bool:
    """Whether a `\\` is missing at the end of a line before one that begins with an option."""
    if inside[number + 1] or bare.endswith(("|", "&&", "||", "(", "{", ",", ":", "\\", "^", "`")):
        return False
    first = next(line for line in lines if line.strip())
    if _OPTION.match(first) or ELIDED.search(bare) or ELIDED.search(lines[number + 1]):
        return False
    if _OPTION.match(bare):  # one of several options: the one above must have been continued
        return number_continues(lines, number)
    return (bool(_COMMAND.match(bare)) and not bare.lstrip().startswith(("#", "<", "["))) or number_continues(
        lines, number
    )


def windows_continuations(text: str) -> Iterator[Fault]:
    """`\\` at the end of a line of PowerShell or cmd."""
    for number, line in enumerate(text.split("\n"), 1):
        if re.search(r"[ \t]\\[ \t]*$", line):
            message = "`\\` does not continue a line here."
            yield Fault(number, len(line.rstrip()), message, "Write a backtick in PowerShell, `^` in cmd.")


def prompts(text: str) -> list[tuple[int, int, int]]:
    """Line, start and end of each prompt of a script in which every command has one and nothing else stands."""
    found = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if match := _ANY_PROMPT.match(line):
            found.append((number, match.start("sign"), match.end()))
        elif line.strip() and not line.lstrip().startswith("#") and not number_continues(lines, number - 1):
            return []
    return found
