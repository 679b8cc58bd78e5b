"""The running text of a page: a copy of the same length in which everything else is blanked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import Page, Span

NOTHING = "\x01"  # in place of what is read but is no words: a target, a tag, a formula
_LINE = re.compile(
    r"\n[ \t>]*(?:\[[^\[\]\n]{1,200}\]:[^\n]*|\*\[[^\[\]\n]{1,200}\]:|(?:===[!+]?|!!!|\?\?\?\+?)[^\"\n]*|///[^\n]*"
    r"|-{1,}8<-[^\n]*)"
)
_INLINE = re.compile(  # each begins with one of a few characters: such a pattern is found several times faster
    r"<[^<>\n]{0,500}>"
    r"|\]\([^()\n]{0,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)"
    r"|!\[[^\[\]\n]{1,200}\]\[\]"  # the name of a definition
    r"|\]\[[^\[\]\n]{0,200}\]"
    r"|https?://[^\s)\]>]+"
    r"|www\.[^\s)\]>]+"
    r"|\{[^{}\n]{0,300}\}"
    r"|\$\$?[^$\n]{1,500}\$"
    r"|:[a-z][\w-]{1,60}:"
)
_RAW = re.compile(r"<(script|style|pre|code|svg|math|blockquote)\b", re.I)
_FORMULA = re.compile(r"^[ \t>]*\$\$", re.M)


def prose(page: Page) -> str:
    """The page's text, of the same length, with only its words and their punctuation left."""
    text = page.mask
    for spans in (_raw_code(text), _formulas(text)):
        text = _filled(text, spans)
    text = _LINE.sub(_filler, "\n" + text)[1:]
    return _INLINE.sub(_filler, text)


def _filler(match: re.Match[str]) -> str:
    return _fill(match[0])


def _raw_code(text: str) -> Iterator[Span]:
    """Elements of raw HTML whose content is no text to read."""
    if "<" not in text:
        return
    folded = text.lower()
    if len(folded) != len(text):  # a few letters become two
        return
    at = 0
    unclosed: set[str] = set()
    for match in _RAW.finditer(text):
        tag = match[1].lower()
        if match.start() < at or tag in unclosed:
            continue
        end = folded.find(f"</{tag}", match.end())
        if end < 0:
            unclosed.add(tag)
            continue
        at = end
        yield Span(match.start(), at)


def _formulas(text: str) -> Iterator[Span]:
    """What stands between two lines that begin with `$$`."""
    if "$$" not in text:
        return
    marks = [match.start() for match in _FORMULA.finditer(text)]
    for first, second in zip(marks[::2], marks[1::2], strict=False):
        yield Span(first, second)


def _filled(text: str, spans: Iterator[Span]) -> str:
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], _fill(text[span.start : span.end])]
        at = span.end
    return "".join([*pieces, text[at:]])


def _fill(text: str) -> str:
    return "\n".join(NOTHING * len(line) for line in text.split("\n"))
